import type { EnvironmentOptions } from 'vite';

export const widgetBuild: EnvironmentOptions = {};
