package campaign

import (
	"context"
	"io/fs"
	"net/http"
	"slices"
	"strconv"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/place/photo"
)

// Permissions of the room.
const (
	MayRead  = "campaign.read"
	MayWrite = "campaign.write"
	MayGive  = "campaign.publish" // notices to residents, by a second person
)

// Name of the room.
func (s *Service) Name() string { return room }

// Messages of the room.
func (s *Service) Messages() fs.FS {
	return api.Messages(messages)
}

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	api.Get(r, "/api/campaigns", api.Op{ID: "listCampaigns", Permission: MayRead, Summary: "Campaigns, the newest first"}, s.httpCampaigns)
	api.Put(r, "/api/campaigns/{id}", api.Op{
		ID: "setCampaign", Permission: MayWrite, Summary: "Add a campaign, or change it", Description: "With If-Match, but the first time.",
	}, s.httpSet)
	api.Get(r, "/api/activities", api.Op{ID: "listCampaignActivities", Permission: MayRead, Summary: "Activities, the newest first; every county reads all of them"}, s.httpActivities)
	api.Post(r, "/api/activities", api.Op{ID: "addCampaignActivity", Permission: MayWrite, Summary: "Add an activity", Status: 201}, s.httpAdd)
	api.Get(r, "/api/activities/{id}", api.Op{ID: "getCampaignActivity", Permission: MayRead, Summary: "An activity"}, s.httpActivity)
	api.Put(r, "/api/activities/{id}", api.Op{ID: "changeCampaignActivity", Permission: MayWrite, Summary: "Change an activity; its photos stay", Description: "With If-Match."}, s.httpChange)
	api.Post(r, "/api/activities/{id}/photos", api.Op{
		ID: "addPhoto", Permission: MayWrite, Summary: "Add a photo, a JPEG or PNG of 10 MB at most", Status: 201, MaxBody: photo.MaxBytes,
		Description: "It is written anew: position, time and maker do not stay in it.",
	}, s.httpAddPhoto)
	api.Delete(r, "/api/activities/{id}/photos/{hash}", api.Op{ID: "removePhoto", Permission: MayWrite, Summary: "Take a photo out of an activity", Status: 200}, s.httpRemovePhoto)
	api.Post(r, "/api/activities/{id}/follow-ups", api.Op{
		ID: "followUpActivity", Permission: "supervision.raise", Summary: "Raise supervision tasks that follow an activity up", Status: 201,
	}, s.httpFollowUp)
	r.Raw(http.MethodGet, "/api/photos/{hash}", api.Op{ID: "getPhoto", Permission: MayRead, Summary: "A photo", Replies: "image/jpeg"}, http.HandlerFunc(s.rawPhoto))
	api.Get(r, "/api/campaigns/{id}/changes", api.Op{ID: "listCampaignChanges", Permission: MayRead, Summary: "Who changed what of a campaign, before and after"}, s.httpCampaignChanges)
	api.Get(r, "/api/activities/{id}/changes", api.Op{ID: "listActivityChanges", Permission: MayRead, Summary: "Who changed what of an activity, before and after"}, s.httpActivityChanges)
	api.Get(r, "/api/notices/{id}/changes", api.Op{ID: "listNoticeChanges", Permission: MayRead, Summary: "Who changed what of a notice, before and after"}, s.httpNoticeChanges)
	api.Get(r, "/api/notices", api.Op{ID: "listNotices", Permission: MayRead, Summary: "Notices to residents, the newest first"}, s.httpNotices)
	api.Post(r, "/api/notices", api.Op{ID: "addNotice", Permission: MayWrite, Summary: "Draft a notice", Status: 201}, s.httpWrite)
	api.Put(r, "/api/notices/{id}", api.Op{ID: "changeNotice", Permission: MayWrite, Summary: "Change a draft", Description: "With If-Match."}, s.httpRewrite)
	api.Post(r, "/api/notices/{id}/publishing", api.Op{
		ID: "publishNotice", Permission: MayGive, Summary: "Publish a draft, or withdraw a published notice",
		Description: "With If-Match. Nobody publishes what they wrote. A published notice never changes.",
	}, s.httpPublish)
	api.Get(r, "/api/published-notices", api.Op{
		ID: "listPublishedNotices", Permission: api.Public, Summary: "Notices to residents that are published: of a place and of what it lies in, or all, the newest first",
		Description: "Anybody may read them: they are posted at the gate.",
	}, s.httpPublished)
}

func by(ctx context.Context) string { return api.CallerFrom(ctx).Account }

type campaignsOutput struct {
	Body struct {
		Campaigns []Campaign `json:"campaigns"`
	}
}

func (s *Service) httpCampaigns(ctx context.Context, _ *struct{}) (*campaignsOutput, error) {
	list, err := s.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	out := &campaignsOutput{}
	out.Body.Campaigns = list
	return out, nil
}

type campaignOutput struct {
	ETag string `header:"ETag"`
	Body Campaign
}

func (s *Service) httpSet(ctx context.Context, in *struct {
	ID string `path:"id" pattern:"^[a-z][a-z0-9-]{1,39}$"`
	place.Versioned
	Body struct {
		Name    string    `json:"name"`
		From    place.Day `json:"from"`
		Until   place.Day `json:"until"`
		Purpose string    `json:"purpose,omitempty"`
		Goals   []Goal    `json:"goals,omitempty" maxItems:"4"`
	}
},
) (*campaignOutput, error) {
	if err := s.o.Places.Rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	b := in.Body
	c, err := s.Set(ctx, by(ctx), seen, Campaign{ID: ID(in.ID), Name: b.Name, From: b.From, Until: b.Until, Purpose: b.Purpose, Goals: b.Goals})
	if err != nil {
		return nil, err
	}
	return &campaignOutput{place.ETag(c.Version), c}, nil
}

type activitiesOutput struct {
	Body struct {
		Activities []Activity `json:"activities"`
	}
}

func (s *Service) httpActivities(ctx context.Context, in *struct {
	Campaign string `query:"campaign"`
},
) (*activitiesOutput, error) {
	list, err := s.Activities(ctx, ID(in.Campaign))
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].MayChange, err = s.mayWrite(ctx, list[i].Place); err != nil {
			return nil, err
		}
	}
	out := &activitiesOutput{}
	out.Body.Activities = list
	return out, nil
}

type activityOutput struct {
	ETag string `header:"ETag"`
	Body Activity
}

func answer(a Activity, err error) (*activityOutput, error) {
	if err != nil {
		return nil, err
	}
	return &activityOutput{place.ETag(a.Version), a}, nil
}

// ActivityWords are what a person says of an activity.
type ActivityWords struct {
	Campaign   ID        `json:"campaign"`
	Kind       Kind      `json:"kind" enum:"publicity,meeting,visit"`
	Strand     Strand    `json:"strand" enum:"publicity,networking,patrol,help"`
	Place      place.ID  `json:"place"`
	Day        place.Day `json:"day"`
	Title      string    `json:"title"`
	Text       string    `json:"text,omitempty"`
	Lessons    string    `json:"lessons,omitempty"`
	Attendance int       `json:"attendance,omitempty" minimum:"0"`
	Lines      []Line    `json:"lines,omitempty" maxItems:"60"`
}

func (w ActivityWords) activity(id string) Activity {
	return Activity{
		ID: ActivityID(id), Campaign: w.Campaign, Kind: w.Kind, Strand: w.Strand, Place: w.Place, Day: w.Day, Title: w.Title, Text: w.Text, Lessons: w.Lessons,
		Attendance: w.Attendance, Lines: w.Lines,
	}
}

func (s *Service) httpAdd(ctx context.Context, in *struct{ Body ActivityWords }) (*activityOutput, error) {
	a := in.Body.activity("")
	if err := s.mayPut(ctx, a, ""); err != nil {
		return nil, err
	}
	return answer(s.Put(ctx, by(ctx), 0, a))
}

// ActivityInput names an activity.
type ActivityInput struct {
	ID string `path:"id"`
}

func (s *Service) httpActivity(ctx context.Context, in *struct{ ActivityInput }) (*activityOutput, error) {
	a, err := s.Activity(ctx, ActivityID(in.ID))
	if err == nil {
		a.MayChange, err = s.mayWrite(ctx, a.Place)
	}
	return answer(a, err)
}

func (s *Service) httpChange(ctx context.Context, in *struct {
	ActivityInput
	place.Versioned
	Body ActivityWords
},
) (*activityOutput, error) {
	seen, err := in.Seen()
	if err == nil && seen == 0 {
		err = fault.New(fault.Invalid, "campaign.Put", "place.version-needed")
	}
	if err != nil {
		return nil, err
	}
	a := in.Body.activity(in.ID)
	if err := s.mayPut(ctx, a, a.ID); err != nil {
		return nil, err
	}
	return answer(s.Put(ctx, by(ctx), seen, a))
}

func (s *Service) httpAddPhoto(ctx context.Context, in *struct {
	ActivityInput
	Caption string `query:"caption"`
	RawBody []byte `contentType:"application/octet-stream"`
},
) (*activityOutput, error) {
	if err := s.mayIllustrate(ctx, ActivityID(in.ID)); err != nil {
		return nil, err
	}
	return answer(s.AddPhoto(ctx, by(ctx), ActivityID(in.ID), in.RawBody, in.Caption))
}

func (s *Service) httpRemovePhoto(ctx context.Context, in *struct {
	ActivityInput
	Hash string `path:"hash"`
},
) (*activityOutput, error) {
	if err := s.mayIllustrate(ctx, ActivityID(in.ID)); err != nil {
		return nil, err
	}
	return answer(s.RemovePhoto(ctx, by(ctx), ActivityID(in.ID), in.Hash))
}

// rawPhoto sends a photo; what lies under a hash never changes.
func (s *Service) rawPhoto(w http.ResponseWriter, r *http.Request) {
	bytes, err := s.Photo(r.Context(), r.PathValue("hash"))
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Content-Length", strconv.Itoa(len(bytes)))
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	_, _ = w.Write(bytes)
}

type followOutput struct {
	Body struct {
		Raised int `json:"raised"`
	}
}

func (s *Service) httpFollowUp(ctx context.Context, in *struct {
	ActivityInput
	Body struct {
		Places []place.ID `json:"places" minItems:"1" maxItems:"5000" doc:"Counties, streets, communities or compounds"`
		Title  string     `json:"title"`
		Ask    string     `json:"ask,omitempty"`
		Due    place.Day  `json:"due"`
	}
},
) (*followOutput, error) {
	b := in.Body
	if err := s.mayRaise(ctx, b.Places); err != nil {
		return nil, err
	}
	n, err := s.FollowUp(ctx, by(ctx), ActivityID(in.ID), b.Places, b.Title, b.Ask, b.Due)
	if err != nil {
		return nil, err
	}
	out := &followOutput{}
	out.Body.Raised = n
	return out, nil
}

type noticesOutput struct {
	Body struct {
		Notices []Notice `json:"notices"`
	}
}

func (s *Service) httpNotices(ctx context.Context, _ *struct{}) (*noticesOutput, error) {
	list, err := s.Notices(ctx)
	if err == nil {
		list, err = s.readable(ctx, list)
	}
	if err != nil {
		return nil, err
	}
	for i := range list {
		n := &list[i]
		n.Own = n.State == Draft && slices.Contains(n.writers, by(ctx))
		if n.MayChange, err = s.mayWrite(ctx, n.Place); err != nil {
			return nil, err
		}
		if n.MayGive, err = place.Permitted(s.mayGive(ctx, n, n.State == Published)); err != nil {
			return nil, err
		}
	}
	out := &noticesOutput{}
	out.Body.Notices = list
	return out, nil
}

// NoticeWords are what a notice says.
type NoticeWords struct {
	Place  place.ID  `json:"place"`
	Title  string    `json:"title"`
	Body   string    `json:"body"`
	Signed string    `json:"signed"`
	Day    place.Day `json:"day"`
}

type noticeOutput struct {
	ETag string `header:"ETag"`
	Body Notice
}

func (s *Service) draft(ctx context.Context, seen int64, id string, w NoticeWords) (*noticeOutput, error) {
	if err := s.mayNotice(ctx, NoticeID(id), w.Place); err != nil {
		return nil, err
	}
	n, err := s.Write(ctx, by(ctx), seen, Notice{ID: NoticeID(id), Place: w.Place, Title: w.Title, Body: w.Body, Signed: w.Signed, Day: w.Day})
	if err != nil {
		return nil, err
	}
	return &noticeOutput{place.ETag(n.Version), n}, nil
}

func (s *Service) httpWrite(ctx context.Context, in *struct{ Body NoticeWords }) (*noticeOutput, error) {
	return s.draft(ctx, 0, "", in.Body)
}

func (s *Service) httpRewrite(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.Versioned
	Body NoticeWords
},
) (*noticeOutput, error) {
	seen, err := in.Seen()
	if err == nil && seen == 0 {
		err = fault.New(fault.Invalid, "campaign.Write", "place.version-needed")
	}
	if err != nil {
		return nil, err
	}
	return s.draft(ctx, seen, in.ID, in.Body)
}

func (s *Service) httpPublish(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.Versioned
	Body struct {
		Withdraw bool `json:"withdraw,omitempty"`
	}
},
) (*noticeOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	was, err := s.notice(ctx, "campaign.Publish", NoticeID(in.ID))
	if err == nil {
		err = s.mayGive(ctx, &was, in.Body.Withdraw)
	}
	if err != nil {
		return nil, err
	}
	n, err := s.Publish(ctx, by(ctx), seen, NoticeID(in.ID), in.Body.Withdraw)
	if err != nil {
		return nil, err
	}
	return &noticeOutput{place.ETag(n.Version), n}, nil
}

func (s *Service) traces(ctx context.Context, record string) (*place.TracesOutput, error) {
	return place.TracesReply(s.o.Places.Traces(ctx, s.o.Clock.Close(s.o.Clock.Today()), record))
}

func (s *Service) httpCampaignChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*place.TracesOutput, error) {
	return s.traces(ctx, "campaign:"+in.ID)
}

func (s *Service) httpActivityChanges(ctx context.Context, in *struct{ ActivityInput }) (*place.TracesOutput, error) {
	if _, err := s.Activity(ctx, ActivityID(in.ID)); err != nil {
		return nil, err
	}
	return s.traces(ctx, "activity:"+in.ID)
}

// httpNoticeChanges tells of drafts, too: so it is for who may read at the notice's place.
func (s *Service) httpNoticeChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*place.TracesOutput, error) {
	n, err := s.notice(ctx, "campaign.Changes", NoticeID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.o.Places.Rights().May(ctx, MayRead, s.o.Clock.AtClose(s.o.Clock.Today()), n.Place); err != nil {
		return nil, err
	}
	return s.traces(ctx, "notice:"+in.ID)
}
