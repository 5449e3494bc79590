// Property tests try the same cases in every run, so that a red run is about the change and comes again. FC_SEED tries others.
import { configureGlobal } from 'fast-check';

configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_120) });
