/**
 * Answers that say neither yes nor no, as proxies, firewalls, crashing portals and bad lines really give them. Whoever gets one
 * after a dial knows nothing, whatever the status. No answer here names an error in the provider's own way.
 */
export interface GarbageAnswer {
  name: string;
  status: number;
  contentType: string;
  body: string | Uint8Array<ArrayBuffer>;
}

const JSON_TYPE = 'application/json';
const HTML_TYPE = 'text/html; charset=utf-8';

function garbage(name: string, status: number, contentType: string, body: GarbageAnswer['body']): GarbageAnswer {
  return { name, status, contentType, body };
}

export const GARBAGE_ANSWERS: readonly GarbageAnswer[] = [
  garbage('an empty 200', 200, JSON_TYPE, ''),
  garbage('an empty 200 of no type', 200, 'text/plain', ''),
  garbage('204', 204, JSON_TYPE, ''),
  garbage('an empty 202', 202, JSON_TYPE, ''),
  garbage('blanks', 200, JSON_TYPE, ' \r\n\t '),
  garbage('null', 200, JSON_TYPE, 'null'),
  garbage('true', 200, JSON_TYPE, 'true'),
  garbage('a number', 200, JSON_TYPE, '200'),
  garbage('a word', 200, 'text/plain', 'OK'),
  garbage('a quoted word', 200, JSON_TYPE, '"OK"'),
  garbage('an empty list', 200, JSON_TYPE, '[]'),
  garbage('a success inside a list', 200, JSON_TYPE, '[{"result":{"RESULT":true}}]'),
  garbage('an empty object', 200, JSON_TYPE, '{}'),
  garbage('an unknown object', 200, JSON_TYPE, '{"status":"ok"}'),
  garbage('a result of null', 200, JSON_TYPE, '{"result":null}'),
  garbage('two objects', 200, JSON_TYPE, '{"result":{"RESULT":true}}{"result":{"RESULT":true}}'),
  garbage('text before the object', 200, JSON_TYPE, '<br />\n<b>Warning</b>: Undefined index{"result":{"RESULT":true}}'),
  garbage('text after the object', 200, JSON_TYPE, '{"result":{"RESULT":true}}\n<!-- cached -->'),
  garbage('half an object', 200, JSON_TYPE, '{"result":{"RESULT":true,"CALL_ID":"callback.72f4'),
  garbage('single quotes', 200, JSON_TYPE, "{'result':{'RESULT':true}}"),
  garbage('a script around the object', 200, 'text/javascript', 'callback({"result":{"RESULT":true}});'),
  garbage('XML', 200, 'application/xml', '<?xml version="1.0"?><response><RESULT>1</RESULT></response>'),
  garbage('a form', 200, 'application/x-www-form-urlencoded', 'result[RESULT]=true'),
  garbage('a login page', 200, HTML_TYPE, '<!doctype html><title>Sign in</title><form method="post"><input name="login"></form>'),
  garbage('a page that waits', 503, HTML_TYPE, '<!doctype html><title>Just a moment...</title>'),
  garbage('a page of a hotel network', 511, HTML_TYPE, '<html><body>Log in to the network</body></html>'),
  garbage('a crash', 500, HTML_TYPE, '<h1>Internal Server Error</h1>'),
  garbage('an empty 500', 500, 'text/plain', ''),
  garbage('an object with 500', 500, JSON_TYPE, '{"message":"oops"}'),
  garbage('a bad gateway', 502, HTML_TYPE, '<html><head><title>502 Bad Gateway</title></head></html>'),
  garbage('no service', 503, 'text/plain', 'no healthy upstream'),
  garbage('a gateway that waited in vain', 504, HTML_TYPE, '<html><head><title>504 Gateway Time-out</title></head></html>'),
  garbage('a broken origin', 520, 'text/plain', 'error code: 520'),
  garbage('a firewall', 403, HTML_TYPE, '<html><title>Request blocked</title></html>'),
  garbage('a page that is not there', 404, HTML_TYPE, '<html><title>404 Not Found</title></html>'),
  garbage('a teapot', 418, 'text/plain', "I'm a teapot"),
  garbage('a half-hearted limit', 429, 'text/plain', 'slow down'),
  garbage('a byte order mark and nothing else', 200, JSON_TYPE, new Uint8Array([0xef, 0xbb, 0xbf])),
  garbage('not UTF-8', 200, JSON_TYPE, new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
  garbage('UTF-16', 200, JSON_TYPE, new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00])),
  garbage('compressed without saying so', 200, JSON_TYPE, new Uint8Array([0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00])),
  garbage('zeros', 200, JSON_TYPE, new Uint8Array(512)),
  garbage('very deep', 200, JSON_TYPE, '['.repeat(60_000)),
  garbage('a hostile prototype', 200, JSON_TYPE, '{"__proto__":{"result":{"RESULT":true}}}'),
];
