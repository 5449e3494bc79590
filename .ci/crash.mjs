// npm run test:crash -- --kills N --seed S: kills the relay over and over and compares what it kept with who was rung.
import { runnerImport } from 'vite';
import { checkNode, install, root } from './prepare.mjs';

checkNode();
install();
await runnerImport('/server/src/simulators/crash/crash-command.ts', { configFile: false, root, logLevel: 'warn' });
