import type { Experiment } from '@graft/domain/experiment';
import { In, IsNull, Not } from 'typeorm';
import { orGraftError } from '../connection/database-error.js';
import type { Session } from '../connection/index.js';
import { insertOnce } from '../connection/insert-once.js';
import { newestFirst } from '../connection/newest-first.js';
import { ExperimentEntity } from './experiment.entity.js';

const toExperiment = (row: ExperimentEntity): Experiment => ({ ...row });

/** The experiment of this name after the call: the given one, or the one that had the name already. */
export async function insertExperiment(
	session: Session,
	experiment: Omit<Experiment, 'createdAt' | 'deletedAt'>,
): Promise<Experiment> {
	return toExperiment(await insertOnce(session, ExperimentEntity, experiment, { name: experiment.name }));
}

export async function findExperiment(session: Session, by: { id?: string; name?: string }): Promise<Experiment | null> {
	const where = by.id === undefined ? { name: by.name } : { id: by.id };
	const row = await orGraftError(session.manager.findOneBy(ExperimentEntity, where));
	return row === null ? null : toExperiment(row);
}

export async function findExperiments(session: Session, ids: readonly string[]): Promise<Experiment[]> {
	return (await orGraftError(session.manager.findBy(ExperimentEntity, { id: In([...ids]) }))).map(toExperiment);
}

/** Those in the trash, or all others. */
export async function pageOfExperiments(
	session: Session,
	page: { first: number; after: string | null },
	inTrash: boolean,
) {
	const among = { deletedAt: inTrash ? Not(IsNull()) : IsNull() };
	const { rows, ...rest } = await newestFirst(session, ExperimentEntity, page, among);
	return { ...rest, rows: rows.map(toExperiment) };
}
