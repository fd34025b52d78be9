export { type DurableServer, startDurableServer } from './durable-server.js';
