package pairing

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"

	"linli.dev/linli/api"
)

func (s *Service) fileRoutes(r *api.Router) {
	api.Post(r, "/api/help-money/{id}/files", api.Op{
		ID: "attachHelpFile", Permission: MayEnter, Summary: "Add a voucher (PDF, JPEG, PNG) or a photo (JPEG, PNG) to an entry, 10 MB at most", Status: 201, MaxBody: maxFile,
		Description: "A picture is written anew: position, time and maker do not stay in it. The SHA-256 of what was sent and of what is kept are both answered.",
	}, s.httpAttach)
	r.Raw(http.MethodGet, "/api/help-files/{id}", api.Op{
		ID: "getHelpFile", Permission: MayRead, Summary: "A voucher or a photo; its SHA-256 is computed anew and goes along in Repr-Digest", Replies: "application/octet-stream",
	}, http.HandlerFunc(s.rawFile))
	api.Post(r, "/api/help-files/{id}/withdrawal", api.Op{
		ID: "withdrawHelpFile", Permission: MayEnter, Summary: "A file counts no longer", Status: 201, Description: "It stays to be seen, with who withdrew it and why.",
	}, s.httpWithdraw)
}

type fileOutput struct{ Body File }

func (s *Service) httpAttach(ctx context.Context, in *struct {
	ID      string   `path:"id"`
	Kind    FileKind `query:"kind" enum:"voucher,before,after" required:"true"`
	Name    string   `query:"name" required:"true"`
	RawBody []byte   `contentType:"application/octet-stream"`
},
) (*fileOutput, error) {
	e, err := s.entry(ctx, EntryID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.may(ctx, MayEnter, e.Pairing); err != nil {
		return nil, err
	}
	f, err := s.Attach(ctx, by(ctx), e.ID, in.Kind, in.Name, in.RawBody)
	if err != nil {
		return nil, err
	}
	return &fileOutput{f}, nil
}

func (s *Service) httpWithdraw(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		Note string `json:"note" doc:"Why"`
	}
},
) (*fileOutput, error) {
	f, err := s.file(ctx, FileID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.may(ctx, MayEnter, f.Pairing); err != nil {
		return nil, err
	}
	if err := s.mayOwn(ctx, f.By, f.Pairing, "pairing.file.own"); err != nil {
		return nil, err
	}
	if f, err = s.Withdraw(ctx, by(ctx), f.ID, in.Body.Note); err != nil {
		return nil, err
	}
	return &fileOutput{f}, nil
}

// rawFile sends a file. A PDF is saved, never opened in the page's name.
func (s *Service) rawFile(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	f, err := s.file(ctx, FileID(r.PathValue("id")))
	if err == nil {
		err = s.may(ctx, MayRead, f.Pairing)
	}
	var bytes []byte
	if err == nil {
		bytes, err = s.Bytes(ctx, &f)
	}
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	sum, _ := hex.DecodeString(f.Hash)
	how := "inline"
	if f.Media == "application/pdf" {
		how = "attachment"
	}
	h := w.Header()
	h.Set("Content-Type", f.Media)
	h.Set("Content-Length", strconv.Itoa(len(bytes)))
	h.Set("Content-Disposition", how+"; filename*=UTF-8''"+url.PathEscape(f.Name))
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-cache")
	_, _ = w.Write(bytes)
}
