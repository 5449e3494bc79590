/** Where an account keeps what it was given at run time, such as the tokens of an installation: in plain text here, sealed in the store. */
export interface Credentials {
  read(key: string): Promise<KeptText | undefined>;
  /**
   * Durable before it answers: keeps `text` (undefined erases) where `version` is still the newest (undefined: nothing is kept).
   * False, and nothing is changed, where another process was faster: what it wrote has to be read then.
   */
  swap(key: string, version: number | undefined, text: string | undefined): Promise<boolean>;
}

export interface KeptText {
  /** Undefined where it was sealed with a secret that the relay no longer has: it has to be given anew. */
  text: string | undefined;
  version: number;
}
