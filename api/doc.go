// Package api is the HTTP server: routes with their permissions, OpenAPI, problem replies, server-sent events, pages.
//
// Rooms hand it their routes and their sentences (Room, Router); it imports none of them. Every route names the
// permission that it needs, Add refuses one that does not. Errors leave as RFC 9457 problems in the reader's language.
package api
