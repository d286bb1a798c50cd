// Package identity knows who signs in: accounts, sessions, tokens for programs, and what each may do.
//
// A person has an account with one role and signs in with a password; the session lives in a cookie.
// A program has a token with named permissions. No token can hold a permission for pictures, nor one
// that would lead to them (making accounts): that is refused when it is asked for, and again whenever
// the token is used. Passwords are kept as argon2id, cookies and tokens as hashes: a copy of the
// database lets nobody in.
package identity
