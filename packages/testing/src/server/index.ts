export { type CopyClient, openCopyClient } from './copy-client.js';
export { type DurableServer, startDurableServer } from './durable-server.js';
