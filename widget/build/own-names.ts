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

/**
 * What Preact would look for on components of other makes: no component here is a class or has any of these, and renamed alike
 * everywhere they are still not found.
 */
export const UNUSED_PREACT_NAMES: readonly string[] = [
  ...['componentWillMount', 'componentDidMount', 'componentWillReceiveProps', 'shouldComponentUpdate', 'componentWillUpdate'],
  ...['componentDidUpdate', 'componentWillUnmount', 'componentDidCatch', 'getDerivedStateFromProps', 'getDerivedStateFromError'],
  ...['getSnapshotBeforeUpdate', 'getChildContext', 'contextType', 'setState', 'forceUpdate', 'debounceRendering'],
];
