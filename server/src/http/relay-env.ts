/** What the rooms behind the routes work with, and what a platform hands over with each request. */
import type { AdmissionContext } from '../admission/admit-call.ts';
import type { Reserve } from '../admission/purses.ts';
import type { Shield } from '../admission/shield.ts';
import type { CallsContext } from '../calls/calls.ts';
import type { CallView } from '../contract/calls.ts';
import type { Installer } from '../providers/provider.ts';

/** From the platform, with every request. */
export interface Caller {
  /** The client's address, by this platform's own rule; never a header that anyone could set. */
  address: string | undefined;
  /** True where the platform's own HTTP parser cuts a body at its Content-Length and refuses a length that is no number. */
  enforcesLength?: boolean | undefined;
}

/** The built widget, as the platform read it. */
export interface WidgetFiles {
  version: string;
  script: string;
  /** Language files by BCP 47 tag. */
  languages: ReadonlyMap<string, string>;
}

export interface RelayContext extends CallsContext, AdmissionContext {
  version: string;
  /** What a call at some time would set aside, of which purses. */
  reserve: Reserve;
  /** Stands before everything that a stranger may ask for. */
  shield: Shield;
  /** What a visitor may be told about a fault that a provider named. */
  problemOf: (fault: string) => CallView['problem'];
  widget: WidgetFiles | undefined;
  /** Accounts that are installed rather than configured; absent: none is. */
  installers?: ReadonlyMap<string, Installer> | undefined;
  /** A page served by the relay itself may ask for calls: in the demo, and while no website has been named. */
  allowOwnOrigin: boolean;
  /** A call has been accepted or changed: something may be due. */
  wake: () => void;
}

export interface RelayEnv {
  Bindings: Caller;
  Variables: {
    /** Headers that every answer to this request carries. */
    sharedHeaders: Readonly<Record<string, string>> | undefined;
  };
}
