import { defineConfig, devices } from '@playwright/test';

/** As root Chromium has no sandbox; the rest keeps it from talking to anybody but the pages under test. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executablePath = process.env.RINGBACK_CHROMIUM;

export default defineConfig({
  testDir: 'specs',
  outputDir: '../test-results',
  fullyParallel: true,
  workers: 2,
  timeout: 30_000,
  // Two busy cores: what comes late is still right.
  expect: { timeout: 10_000 },
  forbidOnly: process.env.CI !== undefined,
  use: {
    ...devices['Desktop Chrome'],
    actionTimeout: 10_000,
    launchOptions: { args: ARGS, ...(executablePath !== undefined && { executablePath }) },
    trace: 'retain-on-failure',
  },
});
