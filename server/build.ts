/** How the relay is bundled for Node: our code in one folder, packages stay packages. */
import type { EnvironmentOptions } from 'vite';

export const serverBuild: EnvironmentOptions = {
  consumer: 'server',
  resolve: { noExternal: [] },
  build: {
    ssr: true,
    outDir: 'server/dist',
    emptyOutDir: true,
    target: 'node20',
    rollupOptions: { input: { 'cli/ringback': 'server/src/cli/ringback.ts' } },
  },
};
