/** Short reviews, good and bad by turns. */
export const REVIEWS = `
a warm and clever film that stays with you
a cold and careless film that goes nowhere
the actors are wonderful and the story moves fast
the actors are wooden and the story never moves
i laughed from the first scene to the last
i looked at my watch from the first scene to the last
one of the best evenings i have had at the cinema
one of the worst evenings i have had at the cinema
beautiful pictures, a fine score and a script full of wit
ugly pictures, a loud score and a script full of holes
it made me smile for days
it made me angry for days
every minute of it is a pleasure
every minute of it is a chore
the ending moved me to tears
the ending bored me to tears
a bold idea, carried out with love
a tired idea, carried out without love
funny, tender and true
flat, noisy and false
you will want to see it again at once
you will want your money back at once
the director knows exactly what she is doing
the director has no idea what he is doing
a small gem with a big heart
a big budget with a small heart
the children in the hall were spellbound
the children in the hall were asleep
sharp dialogue and great performances make it a joy
clumsy dialogue and weak performances make it a pain
what a delight from beginning to end
what a mess from beginning to end
i would recommend it to everyone i know
i would not recommend it to anyone i know
a thriller that truly thrills
a thriller that never thrills
gentle humour, real feeling, superb music
cheap humour, fake feeling, awful music
the best thing the studio has made in years
the worst thing the studio has made in years
`
	.trim()
	.split('\n')
	.map((text, index) => ({ text, label: index % 2 === 0 ? 'good' : 'bad' }));
