/**
 * Properties that never leave the script, so that the build may shorten them: no field of the relay's contract, no attribute, nothing
 * that the browser, Preact or the page knows by name, nothing that is read by a name put together.
 */
export const OWN_NAMES: readonly string[] = [
  ...['trunk', 'exit', 'rules', 'main', 'e164'],
  ...['kind', 'answer', 'isOnline', 'afterMs'],
  ...['scene', 'fields', 'fault', 'view', 'ask', 'tries', 'retryAfterMs'],
  ...['typed', 'consentAt', 'token', 'seen', 'lateAt', 'cancelling'],
  ...['say', 'amount', 'nameCountry', 'listCountries', 'dayAndTime', 'tone', 'button', 'note'],
  ...['showsName', 'edit', 'submit', 'stamp'],
  ...['readSite', 'readChallenge', 'checkAddress', 'readTexts', 'postCall', 'readCall', 'cancelCall', 'clock', 'isSeen'],
  ...['address', 'place'],
  ...['prepare', 'wake', 'end', 'mount', 'allowed', 'fallback', 'host', 'shadow'],
];
