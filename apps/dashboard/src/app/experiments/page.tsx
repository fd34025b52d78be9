import { redirect } from 'next/navigation';

/** The list of experiments is the first page; who shortens an address by hand gets there too. */
export default function Experiments(): never {
	redirect('/');
}
