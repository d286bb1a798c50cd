package inspection

import (
	"context"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// ItemInput names something to be mended.
type ItemInput struct {
	IDInput
	Item string `path:"item"`
	place.Versioned
}

func (s *Service) mend(ctx context.Context, x Inspection, in ItemInput, c MendChange) (*viewOutput, error) {
	seen, err := in.Seen()
	if err == nil {
		_, err = s.Mend(ctx, by(ctx), x.ID, in.Item, seen, c)
	}
	return s.answer(ctx, x.ID, err)
}

func (s *Service) httpMend(ctx context.Context, in *struct {
	ItemInput
	Body struct {
		Act    MendAct   `json:"act" enum:"report,accept,return"`
		Note   string    `json:"note,omitempty" doc:"What was done, or why it is returned; needed but to accept"`
		Due    place.Day `json:"due,omitempty" doc:"To return: another last day"`
		Photos []string  `json:"photos,omitempty" maxItems:"6" doc:"To report: ids of photos that have arrived; one at least"`
	}
},
) (*viewOutput, error) {
	b := in.Body
	if b.Act == Extend {
		return nil, fault.New(fault.Invalid, "inspection.Mend", "inspection.mend.act")
	}
	x, err := s.may(ctx, MayAct, in.ID)
	if err != nil {
		return nil, err
	}
	return s.mend(ctx, x, in.ItemInput, MendChange{Act: b.Act, Note: b.Note, Due: b.Due, Photos: b.Photos})
}

func (s *Service) httpExtend(ctx context.Context, in *struct {
	ItemInput
	Body struct {
		Note string    `json:"note" doc:"Why"`
		Unit string    `json:"unit,omitempty"`
		Due  place.Day `json:"due,omitempty"`
	}
},
) (*viewOutput, error) {
	x, err := s.mayPlan(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return s.mend(ctx, x, in.ItemInput, MendChange{Act: Extend, Note: in.Body.Note, Unit: in.Body.Unit, Due: in.Body.Due})
}
