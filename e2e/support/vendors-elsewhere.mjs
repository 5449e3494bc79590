// Loaded into a relay's process before anything of its own: what it asks of a captcha service, it asks of a simulator.
const HOSTS = ['challenges.cloudflare.com', 'api.hcaptcha.com', 'smartcaptcha.cloud.yandex.ru'];
const { fetch } = globalThis;

globalThis.fetch = (input, init) => {
  const { host, pathname } = new URL(input instanceof Request ? input.url : input);
  return HOSTS.includes(host) ? fetch(new URL(pathname, process.env.SIMULATED_VENDORS), init) : fetch(input, init);
};
