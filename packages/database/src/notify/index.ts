export { type Carrier, type Notifier, type NotifierEvents, notifierOver } from './notifier.js';
export { postgresCarrier } from './postgres-carrier.js';
export { redisCarrier } from './redis-carrier.js';
