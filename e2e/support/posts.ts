/** What a page really sent to ask for calls. */
import type { Page, Request } from '@playwright/test';

export interface Posts {
  /** `Idempotency-Key` of every request, in order. */
  keys(): readonly string[];
  bodies(): readonly string[];
}

/** Counts from now on, what fails included. */
export function recordPosts(page: Page): Posts {
  const requests: Request[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && new URL(request.url()).pathname === '/v1/calls') requests.push(request);
  });
  return {
    keys: () => requests.map((request) => request.headers()['idempotency-key'] ?? ''),
    bodies: () => requests.map((request) => request.postData() ?? ''),
  };
}
