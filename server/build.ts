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
    rollupOptions: {
      input: {
        'cli/ringback': 'server/src/cli/ringback.ts',
        // For the browser specs, which use nothing but built files.
        'simulators/portal': 'server/src/simulators/bitrix24/portal.ts',
        'simulators/serve-portal': 'server/src/simulators/bitrix24/serve-portal.ts',
        'simulators/serve-application': 'server/src/simulators/bitrix24/serve-application.ts',
        'simulators/telphin': 'server/src/simulators/telphin/telphin-host.ts',
        'simulators/serve-telphin': 'server/src/simulators/telphin/serve-telphin.ts',
        'simulators/siteverify': 'server/src/simulators/siteverify.ts',
        'simulators/serve-siteverify': 'server/src/simulators/serve-siteverify.ts',
      },
    },
  },
};
