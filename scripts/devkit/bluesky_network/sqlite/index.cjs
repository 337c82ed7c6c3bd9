'use strict'
// What the data server (PDS, through kysely) calls of better-sqlite3, answered by the
// SQLite inside Node. Must never do more: a call that is not here should fail loudly.

const { DatabaseSync } = require('node:sqlite')

// The server retries by these names (its db/util.js, March 2026).
const NAMES = {
  5: 'SQLITE_BUSY',
  261: 'SQLITE_BUSY_RECOVERY',
  517: 'SQLITE_BUSY_SNAPSHOT',
  773: 'SQLITE_BUSY_TIMEOUT',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
}

function named(call) {
  try {
    return call()
  } catch (error) {
    if (error?.code === 'ERR_SQLITE_ERROR') {
      error.code = NAMES[error.errcode] ?? `SQLITE_${error.errcode}`
    }
    throw error
  }
}

// better-sqlite3 gives a Buffer for a blob.
function row(values) {
  for (const key in values) {
    const value = values[key]
    if (value instanceof Uint8Array) {
      values[key] = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
  }
  return values
}

class Statement {
  constructor(statement) {
    this.statement = statement
    this.reader = statement.columns().length > 0
  }

  all(values = []) {
    return named(() => this.statement.all(...values)).map(row)
  }

  run(values = []) {
    return named(() => this.statement.run(...values))
  }
}

module.exports = class Database {
  constructor(location, { timeout = 0 } = {}) {
    this.database = named(() => new DatabaseSync(location, { timeout }))
  }

  prepare(sql) {
    return named(() => new Statement(this.database.prepare(sql)))
  }

  pragma(words) {
    return this.prepare(`PRAGMA ${words}`).all()
  }

  close() {
    if (this.database.isOpen) this.database.close()
  }
}
