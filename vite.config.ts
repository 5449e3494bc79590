import { defineConfig } from 'vitest/config';
import { serverBuild } from './server/build.ts';
import { watchedLogs } from './server/src/simulators/watched-logs.ts';
import { phoneTable } from './widget/build/phone-table.ts';
import { widgetBuild } from './widget/build/widget-build.ts';

export default defineConfig({
  environments: { widget: widgetBuild, server: serverBuild },
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments)) {
        if (environment.name !== 'client') await builder.build(environment);
      }
    },
  },
  plugins: [phoneTable()],
  test: {
    // Nothing here is timed: what takes so long hangs, on the busiest machine.
    testTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'widget', setupFiles: ['.ci/seed.mjs'], include: ['widget/**/*.test.{ts,tsx}'] } },
      {
        extends: true,
        plugins: [watchedLogs()],
        test: { name: 'server', setupFiles: ['.ci/seed.mjs', 'server/src/simulators/log-watch.ts'], include: ['server/**/*.test.ts'] },
      },
    ],
  },
});
