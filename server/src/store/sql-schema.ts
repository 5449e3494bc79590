/**
 * The tables, as numbered migrations: the n-th (from 1) leads from version n-1 to n. One that has been released is never
 * changed; what comes later is a further one. Telephone numbers stand here sealed or as keyed hashes, never as digits.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    // `look_at` is when a drain next looks at the call: `due_at`, or later where a drain declined to act on it.
    `CREATE TABLE calls (
       id TEXT NOT NULL PRIMARY KEY,
       site TEXT NOT NULL,
       state TEXT NOT NULL,
       step TEXT,
       fault TEXT,
       number_key TEXT NOT NULL,
       sealed_number TEXT NOT NULL,
       sealed_details TEXT,
       country TEXT NOT NULL,
       locale TEXT,
       department TEXT,
       accepted_at BIGINT NOT NULL,
       scheduled_for BIGINT,
       dial_before BIGINT NOT NULL,
       attempts INTEGER NOT NULL,
       fence BIGINT NOT NULL,
       due_step TEXT,
       due_at BIGINT,
       look_at BIGINT,
       held_until BIGINT NOT NULL,
       provider TEXT,
       provider_ref TEXT,
       placed_at BIGINT,
       ended_at BIGINT
     )`,
    'CREATE INDEX calls_by_look ON calls (look_at, id) WHERE look_at IS NOT NULL',
    'CREATE INDEX calls_by_ref ON calls (provider, provider_ref, accepted_at) WHERE provider_ref IS NOT NULL',

    `CREATE TABLE idempotency_keys (
       site TEXT NOT NULL,
       idempotency_key TEXT NOT NULL,
       fingerprint TEXT NOT NULL,
       call_id TEXT NOT NULL,
       expires_at BIGINT NOT NULL,
       PRIMARY KEY (site, idempotency_key)
     ) WITHOUT ROWID`,
    'CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at)',

    // One row for each acceptance and each thing that it counts against. Windows are counted from it, and a number's held
    // calls are found by it: that spares an index in random order, which is what costs most when there are many calls.
    `CREATE TABLE acceptances (
       counted_key TEXT NOT NULL,
       accepted_at BIGINT NOT NULL,
       call_id TEXT NOT NULL,
       expires_at BIGINT NOT NULL,
       PRIMARY KEY (counted_key, accepted_at, call_id)
     ) WITHOUT ROWID`,
    'CREATE INDEX acceptances_by_expiry ON acceptances (expires_at)',

    'CREATE TABLE pings (id INTEGER NOT NULL PRIMARY KEY, pinged_at BIGINT NOT NULL)',
  ],
];
