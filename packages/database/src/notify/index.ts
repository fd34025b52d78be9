export { createNotifier, type Notifier, type NotifierEvents } from './notifier.js';
