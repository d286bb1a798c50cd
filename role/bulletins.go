package role

import (
	"context"

	"linli.dev/linli/api"
	"linli.dev/linli/people/bulletin"
	"linli.dev/linli/people/programme"
)

// composer has the programme say what a bulletin says.
type composer struct {
	programme *programme.Service
	voices    map[string]*api.Voice
}

func newComposer(p *programme.Service) (composer, error) {
	c := composer{p, map[string]*api.Voice{}}
	for _, lang := range []string{"zh", "en"} {
		v, err := api.NewVoice(lang, programme.Sentences())
		if err != nil {
			return c, err
		}
		c.voices[lang] = v
	}
	return c, nil
}

// Compose is the city's bulletin for the office of the city, else one page about
// the county.
func (c composer) Compose(ctx context.Context, ask bulletin.Ask) (bulletin.Composed, error) {
	q := programme.BulletinAsk{Of: ask.Of, Since: ask.Since, Edition: programme.Office}
	if ask.Public {
		q.Edition = programme.Public
	}
	if !ask.City {
		q.County = ask.Office
	}
	made, err := c.programme.Bulletin(ctx, q)
	if err != nil {
		return bulletin.Composed{}, err
	}
	say := c.voices[ask.Lang]
	out := bulletin.Composed{Document: made.Document(say), Dated: programme.SayDay(say, ask.Dated)}
	for _, f := range made.Said(say) {
		out.Figures = append(out.Figures, bulletin.Figure(f))
	}
	return out, nil
}
