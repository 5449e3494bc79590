/** Made at build time; the format is described where it is written, in build/phone-table.ts. */
declare module 'virtual:phone-table' {
  export const PHONE_TABLE: string;
}
