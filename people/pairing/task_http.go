package pairing

import (
	"context"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

func (s *Service) taskRoutes(r *api.Router) {
	api.Post(r, "/api/pairings/{id}/tasks", api.Op{ID: "setHelpTask", Permission: MayWrite, Summary: "Set a help task", Status: 201}, s.httpTask)
	api.Post(r, "/api/help-tasks/{id}/done", api.Op{ID: "finishHelpTask", Permission: MayEnter, Summary: "A help task is done since a day", Status: 204, Description: "With If-Match, the version of the task."}, s.httpDone)
	api.Post(r, "/api/help-tasks/{id}/withdrawal", api.Op{
		ID: "withdrawHelpTask", Permission: MayWrite, Summary: "Take a help task back that was set by mistake, with a reason", Status: 204,
		Description: "With If-Match, the version of the task. Less is owed without it: so who set it does this alone on the same day only, later or another person needs the level above. What is reported done is reopened first.",
	}, s.httpWithdrawTask)
	api.Post(r, "/api/help-tasks/{id}/reopening", api.Op{
		ID: "reopenHelpTask", Permission: MayEnter, Summary: "Take back that a help task is done, with a reason", Status: 204,
		Description: "With If-Match, the version of the task. By who reported it, on the same day; else by an office that sets tasks.",
	}, s.httpReopenTask)
}

type taskOutput struct{ Body Task }

func (s *Service) httpTask(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		Title string    `json:"title"`
		From  place.Day `json:"from"`
		Due   place.Day `json:"due"`
	}
},
) (*taskOutput, error) {
	b := in.Body
	if err := s.may(ctx, MayWrite, ID(in.ID), b.From); err != nil {
		return nil, err
	}
	list, err := s.SetTasks(ctx, by(ctx), []Task{{Pairing: ID(in.ID), Title: b.Title, Due: b.Due, Moment: place.Moment{About: b.From}}})
	if err != nil {
		return nil, err
	}
	return &taskOutput{list[0]}, nil
}

func (s *Service) httpDone(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.Versioned
	Body struct {
		Done place.Day `json:"done"`
	}
},
) (*struct{}, error) {
	task, err := s.task(ctx, TaskID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.may(ctx, MayEnter, task.Pairing, in.Body.Done); err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	return nil, s.FinishTask(ctx, by(ctx), TaskID(in.ID), seen, in.Body.Done)
}

// TaskInput names a task, with the version that was seen.
type TaskInput struct {
	ID string `path:"id"`
	place.Versioned
	Body struct {
		Why string `json:"why"`
	}
}

func (s *Service) httpWithdrawTask(ctx context.Context, in *TaskInput) (*struct{}, error) {
	t, err := s.task(ctx, TaskID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.may(ctx, MayWrite, t.Pairing); err != nil {
		return nil, err
	}
	if err := s.rights().MayMend(ctx, t.Compound, t.By, t.Known); err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	return nil, s.WithdrawTask(ctx, by(ctx), t.ID, seen, in.Body.Why)
}

func (s *Service) httpReopenTask(ctx context.Context, in *TaskInput) (*struct{}, error) {
	t, err := s.task(ctx, TaskID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.may(ctx, MayEnter, t.Pairing); err != nil {
		return nil, err
	}
	if t.DoneKnown == nil || !s.rights().Mine(ctx, t.DoneBy, *t.DoneKnown) {
		if err := s.may(ctx, MayWrite, t.Pairing); err != nil {
			return nil, err
		}
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	return nil, s.ReopenTask(ctx, by(ctx), t.ID, seen, in.Body.Why)
}
