package identity

import (
	"context"
	"net/http"
	"time"

	"linli.dev/linli/api"
)

func (s *Service) appointmentRoutes(r *api.Router) {
	const tag = "Accounts"
	api.Get(r, "/api/appointments", api.Op{
		ID: "listAppointments", Permission: "account.read", Tag: tag, Summary: "Who holds which role at which place",
		Description: "Those that count or will count; with past=true all there ever were.",
	}, s.getAppointments)
	api.Post(r, "/api/appointments", api.Op{
		ID: "appoint", Permission: "account.write", Tag: tag, Summary: "Give an account a role at a place, or for a member unit", Status: http.StatusCreated,
		Description: "A city, county, street or community office at such a place, a manager at a compound, a member unit for a unit.",
	}, s.postAppointment)
	api.Delete(r, "/api/appointments/{id}", api.Op{
		ID: "withdrawAppointment", Permission: "account.write", Tag: tag, Summary: "Take a role away, at once", Status: http.StatusNoContent,
		Description: "It stays on record who held it, from when to when.",
	}, s.deleteAppointment)
}

func (s *Service) getAppointments(ctx context.Context, in *struct {
	Account AccountID `query:"account"`
	Place   string    `query:"place"`
	Unit    string    `query:"unit"`
	Past    bool      `query:"past"`
},
) (*struct {
	Body struct {
		Appointments []Appointment `json:"appointments"`
	}
}, error,
) {
	list, err := s.ListAppointments(ctx, AppointmentFilter{in.Account, in.Place, in.Unit, in.Past})
	if err != nil {
		return nil, err
	}
	out := &struct {
		Body struct {
			Appointments []Appointment `json:"appointments"`
		}
	}{}
	out.Body.Appointments = list
	return out, nil
}

func (s *Service) postAppointment(ctx context.Context, in *struct {
	Body struct {
		Account AccountID  `json:"account"`
		Role    Role       `json:"role" enum:"city-office,county-office,street-office,community-office,manager,member-unit"`
		Place   string     `json:"place,omitempty"`
		Unit    string     `json:"unit,omitempty"`
		From    *time.Time `json:"from,omitempty" doc:"Now when left out."`
		Until   *time.Time `json:"until,omitempty" doc:"Until it is taken away when left out."`
		Note    string     `json:"note,omitempty" doc:"On what it rests."`
	}
},
) (*struct{ Body Appointment }, error) {
	b := in.Body
	n := NewAppointment{Account: b.Account, Role: b.Role, Place: b.Place, Unit: b.Unit, Note: b.Note}
	if b.From != nil {
		n.From = *b.From
	}
	if b.Until != nil {
		n.Until = *b.Until
	}
	a, err := s.Appoint(ctx, n)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Appointment }{a}, nil
}

func (s *Service) deleteAppointment(ctx context.Context, in *struct {
	ID AppointmentID `path:"id"`
},
) (*none, error) {
	return nil, s.Withdraw(ctx, in.ID)
}
