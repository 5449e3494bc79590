import { expect, test } from 'vitest';
import { EXAMPLE_FILE, renderConfigurationDoc } from './configuration-doc.ts';
import { readConfig } from './read-config.ts';

test('docs/configuration.md says what the settings say', async () => {
  await expect(renderConfigurationDoc()).toMatchFileSnapshot('../../../docs/configuration.md');
});

test('the example in the documentation is a configuration', () => {
  const env = {
    RINGBACK_CONFIG: 'ringback.json',
    RINGBACK_SECRET: 'q8S3v0mZk2b7xN4pLr9tYc1wEa5hUd6fGj0oIi8KsMQ=',
    SHOP_WEBHOOK_URL: 'https://example.bitrix24.com/rest/1/0123456789abcdef/',
    SHOP_EVENT_TOKEN: '0123456789abcdef0123456789abcdef',
  };
  const reading = readConfig({ env, readFile: () => JSON.stringify(EXAMPLE_FILE) });
  expect(reading.ok && [...reading.config.sites.keys()]).toEqual(['shop', 'shop-fr']);
});
