import { createHash, randomBytes } from 'node:crypto';

/** 256 bits that nobody guesses. The database keeps the hash alone, so that a reader of it cannot write as a trainer. */
export const newToken = (): string => randomBytes(32).toString('base64url');
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
/** One as `newToken` makes it: a worker that makes its own may not make it short. */
export const isToken = (text: string): boolean => /^[\w-]{43}$/.test(text);
