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
  [
    // The key moves into the call itself: one row and one index less for every acceptance. '' is a number_key that was erased.
    'ALTER TABLE calls ADD COLUMN idempotency_key TEXT',
    'ALTER TABLE calls ADD COLUMN fingerprint TEXT',
    // What the call has taken from which purse, as JSON, until its cost is known.
    'ALTER TABLE calls ADD COLUMN reserved TEXT',
    'ALTER TABLE calls ADD COLUMN erase_at_end INTEGER NOT NULL DEFAULT 0',
    `UPDATE calls SET idempotency_key = known.idempotency_key, fingerprint = known.fingerprint
       FROM idempotency_keys AS known WHERE calls.id = known.call_id`,
    'DROP TABLE idempotency_keys',
    'CREATE INDEX calls_by_key ON calls (idempotency_key, accepted_at) WHERE idempotency_key IS NOT NULL',
    "CREATE INDEX calls_by_number ON calls (number_key) WHERE number_key <> ''",
    "CREATE INDEX calls_by_busy_site ON calls (site, held_until) WHERE state IN ('dialing', 'placed', 'uncertain')",

    // One row for each acceptance and each thing that it counts against, numbered within the thing: how many stand in a window
    // is then a subtraction, however many they are. No row leads back to a call, so forgetting a call opens no window.
    // There is no index by expiry: it would cost every acceptance as much as the row itself (sql-sweep.ts).
    `CREATE TABLE counts (
       counted_key TEXT NOT NULL,
       counted_at BIGINT NOT NULL,
       nth BIGINT NOT NULL,
       member TEXT,
       expires_at BIGINT NOT NULL,
       PRIMARY KEY (counted_key, counted_at, nth)
     ) WITHOUT ROWID`,
    `INSERT INTO counts (counted_key, counted_at, nth, member, expires_at)
       SELECT counted_key, acceptances.accepted_at,
         ROW_NUMBER() OVER (PARTITION BY counted_key ORDER BY acceptances.accepted_at, call_id), calls.number_key, expires_at
       FROM acceptances LEFT JOIN calls ON calls.id = acceptances.call_id`,
    'DROP TABLE acceptances',

    // What is known of a number besides its calls: that it asked not to be called, and holds of calls that were forgotten.
    `CREATE TABLE numbers (
       number_key TEXT NOT NULL PRIMARY KEY,
       opted_out_until BIGINT NOT NULL,
       held_until BIGINT NOT NULL
     ) WITHOUT ROWID`,
    'CREATE TABLE nonces (nonce_key TEXT NOT NULL PRIMARY KEY, expires_at BIGINT NOT NULL) WITHOUT ROWID',
    // `alerted`: the highest share in percent that has been told of.
    `CREATE TABLE purses (
       purse_key TEXT NOT NULL PRIMARY KEY,
       spent BIGINT NOT NULL,
       alerted INTEGER NOT NULL,
       expires_at BIGINT NOT NULL
     ) WITHOUT ROWID`,
  ],
  [
    // Calls that ended before ends left a step behind would never be forgotten. A sealed number tells those that have not been.
    `UPDATE calls SET due_step = 'forget', due_at = COALESCE(ended_at, dial_before) + 2592000000,
         look_at = COALESCE(ended_at, dial_before) + 2592000000
       WHERE due_step IS NULL AND sealed_number <> ''
         AND state IN ('connected', 'missed', 'ended_unknown', 'refused', 'expired', 'cancelled', 'abandoned')`,
  ],
  [
    'ALTER TABLE calls ADD COLUMN talked_ms BIGINT',
    'ALTER TABLE calls ADD COLUMN charged BIGINT',
    'ALTER TABLE calls ADD COLUMN currency TEXT',
    // Partial, so that a call as soon as possible costs no entry.
    'CREATE INDEX calls_by_slot ON calls (site, scheduled_for, department) WHERE scheduled_for IS NOT NULL',

    // What the company is told, until a channel has taken it. Calls that ended before there was such a table are not told of now.
    `CREATE TABLE messages (
       id TEXT NOT NULL PRIMARY KEY,
       kind TEXT NOT NULL,
       channel TEXT NOT NULL,
       site TEXT,
       call_id TEXT,
       topic TEXT,
       text TEXT,
       state TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       due_at BIGINT,
       attempts INTEGER NOT NULL,
       fence BIGINT NOT NULL,
       fault TEXT,
       receipt TEXT
     ) WITHOUT ROWID`,
    'CREATE INDEX messages_by_due ON messages (due_at, id) WHERE due_at IS NOT NULL',
    'CREATE INDEX messages_by_call ON messages (call_id, created_at, id) WHERE call_id IS NOT NULL',
    'CREATE INDEX messages_by_topic ON messages (topic, channel, created_at) WHERE topic IS NOT NULL',
    'CREATE INDEX messages_by_state ON messages (state, created_at, id)',
    'CREATE INDEX messages_by_age ON messages (created_at, id)',
  ],
  [
    // What accounts were given at run time, sealed. An erased one stays as a row without text, so that its version goes on growing.
    `CREATE TABLE credentials (
       credential_key TEXT NOT NULL PRIMARY KEY,
       sealed TEXT,
       version BIGINT NOT NULL
     ) WITHOUT ROWID`,
  ],
  ['ALTER TABLE calls ADD COLUMN unread_since BIGINT'],
  [
    // Calls at slots were counted when they were asked for; what counts is when they ring. They count twice for a day, never less.
    `INSERT INTO counts (counted_key, counted_at, nth, expires_at)
       SELECT number_key, dial_before, 1, dial_before + 86400000 FROM calls WHERE state = 'scheduled' AND number_key <> ''
       ON CONFLICT DO NOTHING`,
    // What is needed to tell of a purse that a real cost has emptied; unknown of one that nobody has reserved from since.
    'ALTER TABLE purses ADD COLUMN scope TEXT',
    'ALTER TABLE purses ADD COLUMN ceiling BIGINT',
  ],
  ['ALTER TABLE calls ADD COLUMN control_ref TEXT'],
];
