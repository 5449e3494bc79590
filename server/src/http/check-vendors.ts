/**
 * What the page of a hosted check runs for each vendor, and the hosts that its policy lets it reach, as the vendors document them.
 * A check is asked to stay invisible; where the vendor wants the visitor to do something after all, it has failed.
 */
import { SITEVERIFY_ACTION, type SiteverifyVendorName } from '../admission/proof-vendors.ts';

export interface CheckVendor {
  /** Calls the global `begin` once it is there. */
  readonly script: string;
  /** Content security policy: directives and the vendor's hosts. */
  readonly allows: readonly string[];
  /** JavaScript. Has `siteKey` and `site`; calls `tell(token)` or `fail()` once. */
  readonly begin: string;
}

/** hCaptcha asks not to be held to single names under its domain: they vary over time and by region. */
const HCAPTCHA = 'https://hcaptcha.com https://*.hcaptcha.com';
/** The service answers under both: https://yandex.cloud/en/docs/smartcaptcha/concepts/widget-methods has had either. */
const SMARTCAPTCHA = 'https://smartcaptcha.cloud.yandex.ru https://smartcaptcha.yandexcloud.net';

export const CHECK_VENDORS: Readonly<Record<SiteverifyVendorName, CheckVendor>> = {
  // https://developers.cloudflare.com/turnstile/get-started/client-side-rendering/widget-configurations/
  turnstile: {
    script: 'https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit&onload=begin',
    allows: ['script-src https://challenges.cloudflare.com', 'frame-src https://challenges.cloudflare.com'],
    begin: `turnstile.render('#check', {
    sitekey: siteKey, action: '${SITEVERIFY_ACTION}', cData: site, appearance: 'interaction-only', retry: 'never',
    'refresh-expired': 'never', 'response-field': false, callback: tell, 'before-interactive-callback': fail,
    'error-callback': fail, 'timeout-callback': fail, 'unsupported-callback': fail });`,
  },
  // https://docs.hcaptcha.com/invisible, https://docs.hcaptcha.com/configuration
  hcaptcha: {
    script: 'https://js.hcaptcha.com/1/api.js?render=explicit&onload=begin&recaptchacompat=off',
    allows: ['script', 'frame', 'style', 'connect'].map((kind) => `${kind}-src ${HCAPTCHA}`),
    begin: `hcaptcha.execute(hcaptcha.render('check', {
    sitekey: siteKey, size: 'invisible', callback: tell, 'open-callback': fail,
    'error-callback': fail, 'chalexpired-callback': fail }));`,
  },
  // https://yandex.cloud/en/docs/smartcaptcha/concepts/widget-methods
  smartcaptcha: {
    script: 'https://smartcaptcha.cloud.yandex.ru/captcha.js?render=onload&onload=begin',
    allows: ['script', 'frame', 'connect'].map((kind) => `${kind}-src ${SMARTCAPTCHA}`),
    begin: `const id = smartCaptcha.render('check', { sitekey: siteKey, invisible: true, hideShield: true, callback: tell });
  for (const event of ['challenge-visible', 'network-error', 'javascript-error']) smartCaptcha.subscribe(id, event, fail);
  smartCaptcha.execute(id);`,
  },
};
