package inspection

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"strconv"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func (s *Service) formRoutes(r *api.Router) {
	api.Get(r, "/api/inspection-forms", api.Op{ID: "listInspectionForms", Permission: MayRead, Summary: "Forms, all their versions, drafts too"}, s.httpForms)
	api.Get(r, "/api/inspection-forms/{form}/{number}", api.Op{ID: "getInspectionForm", Permission: MayRead, Summary: "A version of a form"}, s.httpForm)
	api.Put(r, "/api/inspection-forms/{form}", api.Op{
		ID: "setInspectionForm", Permission: MayWrite, Summary: "Write the draft of a form, or of its next version",
		Description: "With If-Match where there is a draft. A form that asks about residents is refused.", MaxBody: 4 << 20,
	}, s.httpSetForm)
	api.Post(r, "/api/inspection-forms/check", api.Op{
		ID: "checkInspectionForm", Permission: MayWrite, Summary: "What is wrong with a form; nothing is stored", MaxBody: 4 << 20,
	}, s.httpCheckForm)
	api.Post(r, "/api/inspection-forms/{form}/publishing", api.Op{
		ID: "publishInspectionForm", Permission: MayPublish, Summary: "Publish the draft of a form",
		Description: "With If-Match. By a person who wrote none of it; from then on it never changes, and everybody can read it.",
	}, s.httpPublish)
	api.Get(r, "/api/inspection-form-starter", api.Op{ID: "getInspectionFormStarter", Permission: MayRead, Summary: "A form to begin with: a safe compound in 100 points"}, s.httpStarter)
	api.Post(r, "/api/inspection-forms/xlsform", api.Op{
		ID: "readInspectionXLSForm", Permission: MayWrite, Summary: "Read a form from an XLSForm workbook; nothing is stored", MaxBody: maxXLSForm,
		Description: "The body is the file. What this server cannot do is refused by the name of the row. What is read can then be written as a draft.",
	}, s.httpReadXLSForm)
	r.Raw(http.MethodGet, "/api/inspection-forms/{form}/{number}/xlsform", api.Op{
		ID: "getInspectionXLSForm", Permission: MayRead, Summary: "A version of a form as an XLSForm workbook", Replies: xlsxType,
	}, s.rawXLSForm(s.Form))

	// What is published is public (red line 8): no account is asked for, and none is named.
	api.Get(r, "/api/published-forms", api.Op{ID: "listPublishedForms", Permission: api.Public, Summary: "The published versions of all forms"}, s.httpPublished)
	api.Get(r, "/api/published-forms/{form}/{number}", api.Op{ID: "getPublishedForm", Permission: api.Public, Summary: "A published version of a form; 0: the newest"}, s.httpPublishedForm)
	api.Get(r, "/api/published-forms/{form}/{number}/differences", api.Op{
		ID: "getPublishedFormDifferences", Permission: api.Public, Summary: "What a version asks otherwise than an earlier one",
	}, s.httpDifferences)
	r.Raw(http.MethodGet, "/api/published-forms/{form}/{number}/xlsform", api.Op{
		ID: "getPublishedXLSForm", Permission: api.Public, Summary: "A published version of a form as an XLSForm workbook", Replies: xlsxType,
	}, s.rawXLSForm(s.PublishedForm))
}

// FormHead is a version of a form without its sections.
type FormHead struct {
	ID          FormID     `json:"id"`
	Number      int        `json:"number"`
	Version     int64      `json:"version"`
	State       FormState  `json:"state" enum:"draft,published"`
	Title       Words      `json:"title"`
	Pass        int        `json:"pass"`
	Mend        int        `json:"mend"`
	Items       int        `json:"items"`
	Editors     []string   `json:"editors" doc:"What people call the accounts that wrote it"`
	Mine        bool       `json:"mine" doc:"The caller wrote some of it, and so cannot publish it"`
	Known       time.Time  `json:"known"`
	Published   *time.Time `json:"published,omitempty"`
	PublishedBy string     `json:"published_by,omitempty"`
}

func (f *Form) head(names called, me string) FormHead {
	h := FormHead{
		ID: f.ID, Number: f.Number, Version: f.Version, State: f.State, Title: f.Title, Pass: f.Pass, Mend: f.Mend, Known: f.Known,
		Published: f.Published, PublishedBy: names.name(f.PublishedBy),
	}
	for _, x := range f.Sections {
		h.Items += len(x.Items)
	}
	for _, e := range f.Editors {
		h.Editors = append(h.Editors, names.name(e))
		h.Mine = h.Mine || e == me
	}
	return h
}

type formsOutput struct {
	Body struct {
		Forms []FormHead `json:"forms"`
	}
}

func (s *Service) httpForms(ctx context.Context, _ *struct{}) (*formsOutput, error) {
	list, err := s.Forms(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	out := &formsOutput{}
	for i := range list {
		out.Body.Forms = append(out.Body.Forms, list[i].head(names, by(ctx)))
	}
	return out, nil
}

// FormInput names a version of a form.
type FormInput struct {
	Form   string `path:"form"`
	Number int    `path:"number" minimum:"0" maximum:"100000"`
}

type formOutput struct {
	ETag string `header:"ETag"`
	Body Form
}

func formAnswer(f Form, err error) (*formOutput, error) {
	if err != nil {
		return nil, err
	}
	return &formOutput{place.ETag(f.Version), f}, nil
}

func (s *Service) httpForm(ctx context.Context, in *struct{ FormInput }) (*formOutput, error) {
	return formAnswer(s.Form(ctx, FormID(in.Form), in.Number))
}

func (s *Service) httpSetForm(ctx context.Context, in *struct {
	Form string `path:"form" pattern:"^[a-z][a-z0-9-]{1,39}$"`
	place.Versioned
	Body FormWords
},
) (*formOutput, error) {
	if err := s.o.Places.Rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	return formAnswer(s.SetDraft(ctx, by(ctx), FormID(in.Form), seen, in.Body))
}

// Finding is something wrong with a form.
type Finding struct {
	Path string `json:"path" doc:"The field of the form; of a workbook the sheet and cell"`
	Code string `json:"code"`
	Says string `json:"says"`
}

func findings(ctx context.Context, p place.Problems) []Finding {
	out := []Finding{}
	for _, f := range p {
		out = append(out, Finding{f.Path, f.Code, say(ctx, f.Code, f.Args)})
	}
	return out
}

type checkOutput struct {
	Body struct {
		Form     FormWords `json:"form" doc:"As it would be written"`
		Findings []Finding `json:"findings"`
	}
}

func (s *Service) httpCheckForm(ctx context.Context, in *struct{ Body FormWords }) (*checkOutput, error) {
	if err := s.o.Places.Rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	words, p := CheckForm(in.Body)
	out := &checkOutput{}
	out.Body.Form, out.Body.Findings = words, findings(ctx, p)
	return out, nil
}

func (s *Service) httpPublish(ctx context.Context, in *struct {
	Form string `path:"form"`
	place.Versioned
},
) (*formOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	list, err := s.forms(ctx, s.db.NewSelect().Where("form = ?", in.Form).Where("state = ?", Draft))
	if err != nil {
		return nil, err
	}
	var editors []string
	if len(list) > 0 {
		editors = list[0].Editors
	}
	if err := s.o.Places.Rights().MayPublish(ctx, MayPublish, editors); err != nil {
		return nil, err
	}
	return formAnswer(s.Publish(ctx, by(ctx), FormID(in.Form), seen))
}

type starterOutput struct {
	Body struct {
		ID   FormID    `json:"id"`
		Form FormWords `json:"form"`
	}
}

func (s *Service) httpStarter(context.Context, *struct{}) (*starterOutput, error) {
	out := &starterOutput{}
	out.Body.ID = StarterID
	var err error
	if out.Body.Form, err = Starter(); err != nil {
		return nil, err
	}
	return out, nil
}

type xlsFormOutput struct {
	Body struct {
		ID       FormID    `json:"id,omitempty" doc:"As the workbook calls it, where that can be a form's id"`
		Form     FormWords `json:"form"`
		Findings []Finding `json:"findings" doc:"What is wrong; nothing: it can be written as a draft"`
		Skipped  []Finding `json:"skipped" doc:"What was left out, as nothing depends on it"`
	}
}

func (s *Service) httpReadXLSForm(ctx context.Context, in *struct {
	RawBody []byte `contentType:"application/octet-stream"`
},
) (*xlsFormOutput, error) {
	if err := s.o.Places.Rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	x, err := ReadXLSForm(in.RawBody)
	if err != nil {
		return nil, err
	}
	out := &xlsFormOutput{}
	out.Body.ID, out.Body.Form, out.Body.Findings, out.Body.Skipped = x.ID, x.Form, findings(ctx, x.Problems), findings(ctx, x.Skipped)
	return out, nil
}

// rawXLSForm answers with a form as a workbook.
func (s *Service) rawXLSForm(find func(ctx context.Context, id FormID, number int) (Form, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("number"))
		if err != nil {
			api.Fail(w, r, fault.New(fault.NotFound, "inspection.XLSForm", "inspection.form.none"))
			return
		}
		f, err := find(r.Context(), FormID(r.PathValue("form")), n)
		var b bytes.Buffer
		if err == nil {
			err = WriteXLSForm(&b, &f)
		}
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", xlsxType)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": string(f.ID) + "-" + strconv.Itoa(f.Number) + ".xlsx"}))
		_, _ = w.Write(b.Bytes())
	})
}

// PublicForm is a published version as anybody reads it.
type PublicForm struct {
	ID        FormID    `json:"id"`
	Number    int       `json:"number"`
	Published time.Time `json:"published"`
	FormWords
}

type publishedOutput struct {
	Body struct {
		Forms []PublicHead `json:"forms"`
	}
}

// PublicHead is a published version without its sections.
type PublicHead struct {
	ID        FormID    `json:"id"`
	Number    int       `json:"number"`
	Published time.Time `json:"published"`
	Title     Words     `json:"title"`
	Items     int       `json:"items"`
}

func (s *Service) httpPublished(ctx context.Context, _ *struct{}) (*publishedOutput, error) {
	list, err := s.PublishedForms(ctx)
	if err != nil {
		return nil, err
	}
	out := &publishedOutput{}
	for _, f := range list {
		h := PublicHead{ID: f.ID, Number: f.Number, Published: *f.Published, Title: f.Title}
		for _, x := range f.Sections {
			h.Items += len(x.Items)
		}
		out.Body.Forms = append(out.Body.Forms, h)
	}
	return out, nil
}

func (s *Service) httpPublishedForm(ctx context.Context, in *struct{ FormInput }) (*struct{ Body PublicForm }, error) {
	f, err := s.PublishedForm(ctx, FormID(in.Form), in.Number)
	if err != nil {
		return nil, err
	}
	return &struct{ Body PublicForm }{PublicForm{f.ID, f.Number, *f.Published, f.FormWords}}, nil
}

type differencesOutput struct {
	Body struct {
		Form        FormID       `json:"form"`
		Was         int          `json:"was" doc:"The earlier version; 0: there was none"`
		Is          int          `json:"is"`
		Differences []Difference `json:"differences"`
	}
}

func (s *Service) httpDifferences(ctx context.Context, in *struct {
	FormInput
	Since int `query:"since" minimum:"0" doc:"The earlier version; left out: the one before"`
},
) (*differencesOutput, error) {
	is, err := s.PublishedForm(ctx, FormID(in.Form), in.Number)
	if err != nil {
		return nil, err
	}
	out := &differencesOutput{}
	out.Body.Form, out.Body.Is, out.Body.Was = is.ID, is.Number, in.Since
	if in.Since == 0 {
		out.Body.Was = is.Number - 1
	}
	if out.Body.Was == 0 {
		return out, nil
	}
	was, err := s.PublishedForm(ctx, is.ID, out.Body.Was)
	if err != nil {
		return nil, err
	}
	out.Body.Differences = Differences(&was.FormWords, &is.FormWords)
	return out, nil
}
