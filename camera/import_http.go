package camera

import "linli.dev/linli/api"

func (s *Service) importRoutes(r *api.Router) {}
