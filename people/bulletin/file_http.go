package bulletin

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
)

// rawFile sends a bulletin as a file.
func (s *Service) rawFile(w http.ResponseWriter, r *http.Request) {
	b, name, hash, err := s.askedFile(r)
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	if hash != "" { // what is issued never changes
		w.Header().Set("ETag", `"`+hash+`"`)
		w.Header().Set("Cache-Control", "private, no-cache")
	}
	send(w, b, name, medias[r.URL.Query().Get("format")])
}

func send(w http.ResponseWriter, b []byte, name, media string) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, _ = w.Write(b)
}

func (s *Service) askedFile(r *http.Request) (b []byte, name, hash string, err error) {
	ctx, format, lang := r.Context(), r.URL.Query().Get("format"), api.Language(r.Context())
	if !slices.Contains(formats, format) {
		return nil, "", "", fault.New(fault.Invalid, "bulletin.File", "bulletin.no-format")
	}
	one, err := s.readable(ctx, r.PathValue("id"))
	if err != nil {
		return nil, "", "", err
	}
	edition, err := s.edition(ctx, one.Office)
	if err != nil {
		return nil, "", "", err
	}
	if r.URL.Query().Get("edition") == "public" { // whoever reads more may hand on less
		edition = "public"
	}
	if one.State == Issued {
		f, err := s.file(ctx, one.ID, edition, lang, format)
		return f.Bytes, one.Number + "." + format, f.Hash, err
	}
	page, t, err := s.draftFile(ctx, &one, edition, lang, format)
	if err != nil {
		return nil, "", "", err
	}
	var out bytes.Buffer
	err = page.write(&out, format, t)
	return out.Bytes(), page.Document.Title + "." + format, "", err
}

func (s *Service) officeRoutes(r *api.Router) {
	api.Get(r, "/api/bulletin-offices", api.Op{ID: "listBulletinOffices", Permission: MayDraft, Summary: "The offices that the caller drafts bulletins for, with how those look and count"}, s.httpOffices)
	api.Put(r, "/api/bulletin-offices/{id}", api.Op{ID: "setBulletinOffice", Permission: MayDraft, Summary: "Set what stands before the number, who signs, the first number", Description: "With If-Match, but the first time."}, s.httpSetOffice)
	api.Put(r, "/api/bulletin-offices/{id}/template", api.Op{
		ID: "setBulletinTemplate", Permission: MayDraft, Summary: "Upload the office's own Word template", MaxBody: paper.MaxTemplate + 1<<10,
		Description: "A .docx with {{正文}} or {{body}} in a paragraph of its own; {{文号}}, {{标题}}, {{签发机关}}, {{日期}} where they are wanted. Checked: no macros, nothing embedded, nothing from outside.",
	}, s.httpSetTemplate)
	api.Delete(r, "/api/bulletin-offices/{id}/template", api.Op{ID: "removeBulletinTemplate", Permission: MayDraft, Summary: "Take the office's own template away"}, s.httpRemoveTemplate)
	r.Raw(http.MethodGet, "/api/bulletin-offices/{id}/template", api.Op{ID: "getBulletinTemplate", Permission: MayDraft, Summary: "The office's own Word template"}, http.HandlerFunc(s.rawTemplate))
	r.Raw(http.MethodGet, "/api/bulletin-starter", api.Op{ID: "getBulletinStarter", Permission: MayRead, Summary: "A Word template with a red head, to begin with"}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		send(w, paper.Starter(), s.voices[api.Language(r.Context())].Say("bulletin.starter")+".docx", medias["docx"])
	}))
}

type officesOutput struct {
	Body struct {
		Offices []Office `json:"offices"`
	}
}

func (s *Service) httpOffices(ctx context.Context, _ *struct{}) (*officesOutput, error) {
	out := &officesOutput{}
	out.Body.Offices = []Office{}
	seen := map[string]bool{}
	for _, h := range api.CallerFrom(ctx).Offices {
		if h.Place == "" || seen[h.Place] {
			continue
		}
		mine, err := s.mine(ctx, place.ID(h.Place))
		if err != nil {
			return nil, err
		}
		if !mine {
			continue
		}
		seen[h.Place] = true
		o, err := s.Office(ctx, place.ID(h.Place))
		if err != nil {
			return nil, err
		}
		out.Body.Offices = append(out.Body.Offices, o)
	}
	return out, nil
}

type officeOutput struct {
	ETag string `header:"ETag"`
	Body Office
}

// mayOffice asks whether the caller may change how an office's bulletins look.
func (s *Service) mayOffice(ctx context.Context, in BulletinInput) (place.ID, int64, error) {
	seen, err := in.Seen()
	if err != nil {
		return "", 0, err
	}
	return place.ID(in.ID), seen, s.rights().MayChange(ctx, MayDraft, place.ID(in.ID))
}

func office(o Office, err error) (*officeOutput, error) {
	if err != nil {
		return nil, err
	}
	return &officeOutput{place.ETag(max(o.Version, 1)), o}, nil
}

func (s *Service) httpSetOffice(ctx context.Context, in *struct {
	BulletinInput
	Body OfficeWords
},
) (*officeOutput, error) {
	id, seen, err := s.mayOffice(ctx, in.BulletinInput)
	if err != nil {
		return nil, err
	}
	return office(s.SetOffice(ctx, by(ctx), seen, id, in.Body))
}

func (s *Service) httpSetTemplate(ctx context.Context, in *struct {
	BulletinInput
	File    string `query:"name"`
	RawBody []byte `contentType:"application/octet-stream"`
},
) (*officeOutput, error) {
	id, seen, err := s.mayOffice(ctx, in.BulletinInput)
	if err != nil {
		return nil, err
	}
	return office(s.SetTemplate(ctx, by(ctx), seen, id, in.File, append([]byte{}, in.RawBody...)))
}

func (s *Service) httpRemoveTemplate(ctx context.Context, in *struct{ BulletinInput }) (*officeOutput, error) {
	id, seen, err := s.mayOffice(ctx, in.BulletinInput)
	if err != nil {
		return nil, err
	}
	return office(s.SetTemplate(ctx, by(ctx), seen, id, "", nil))
}

func (s *Service) rawTemplate(w http.ResponseWriter, r *http.Request) {
	id := place.ID(r.PathValue("id"))
	err := s.rights().MayChange(r.Context(), MayDraft, id)
	var name string
	var b []byte
	if err == nil {
		name, b, err = s.Template(r.Context(), id)
	}
	if err == nil && b == nil {
		err = fault.New(fault.NotFound, "bulletin.Template", "bulletin.no-template")
	}
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	send(w, b, name, medias["docx"])
}
