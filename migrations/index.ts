import type { MigrationInterface } from 'typeorm';
import { Initial1795392000000 } from './1795392000000-initial.js';
import { Dispatch1795478400000 } from './1795478400000-dispatch.js';
import { DatasetStatistics1795482000000 } from './1795482000000-dataset-statistics.js';
import { EventSenderId1795492800000 } from './1795492800000-event-sender-id.js';
import { Retries1795496400000 } from './1795496400000-retries.js';
import { Trash1795500000000 } from './1795500000000-trash.js';
import { WorkerDrain1795503600000 } from './1795503600000-worker-drain.js';
import { MetricStore1795514400000 } from './1795514400000-metric-store.js';
import { RunValues1795518000000 } from './1795518000000-run-values.js';
import { LanguageModeling1795521600000 } from './1795521600000-language-modeling.js';
import { MetricPyramid1795528800000 } from './1795528800000-metric-pyramid.js';
import { ExperimentTrash1795532400000 } from './1795532400000-experiment-trash.js';
import { SummaryCheckpoints1795536000000 } from './1795536000000-summary-checkpoints.js';
import { RunFacts1795539600000 } from './1795539600000-run-facts.js';
import { OpenPyramid1795914000000 } from './1795914000000-open-pyramid.js';

/** Every migration in its order. A new one is appended; one that was released is never changed. */
export const migrations: readonly (new () => MigrationInterface)[] = [
	Initial1795392000000,
	Dispatch1795478400000,
	DatasetStatistics1795482000000,
	EventSenderId1795492800000,
	Retries1795496400000,
	Trash1795500000000,
	WorkerDrain1795503600000,
	MetricStore1795514400000,
	RunValues1795518000000,
	LanguageModeling1795521600000,
	MetricPyramid1795528800000,
	ExperimentTrash1795532400000,
	SummaryCheckpoints1795536000000,
	RunFacts1795539600000,
	OpenPyramid1795914000000,
];
