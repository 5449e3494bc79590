// npm start: packages, build, relay. With no provider configured the relay is the demo.
import { build, checkNode, install, isBuilt } from './prepare.mjs';

checkNode();
install();
if (!isBuilt() && !build()) process.exit(1);
await import('../server/dist/cli/ringback.js');
