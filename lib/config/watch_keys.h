/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The key `ports[].watch`. Internal to lib/config.
 */
#ifndef SLUICE_WATCH_KEYS_H
#define SLUICE_WATCH_KEYS_H

#include "value.h"

#define WATCH_NUMBER_SCHEMA(min, max) \
	"{\"type\":\"integer\",\"minimum\":" #min ",\"maximum\":" #max "}"
#define WATCH_RULE_SCHEMA(actions) \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" \
	"\"limit\":" WATCH_NUMBER_SCHEMA(0, 1000000000) "," \
	"\"window_ms\":" WATCH_NUMBER_SCHEMA(8, 3600000) "," \
	"\"action\":{\"enum\":[\"log\",\"nack\",\"quarantine\"" actions "]}," \
	"\"release_s\":" WATCH_NUMBER_SCHEMA(0, 2592000) "}}"

/** What is right for read_watch(), as a JSON Schema. */
#define WATCH_SCHEMA \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" \
	"\"mailbox\":" WATCH_RULE_SCHEMA(",\"throttle\"") "," \
	"\"resets\":" WATCH_RULE_SCHEMA(",\"throttle\"") "," \
	"\"spoof\":" WATCH_RULE_SCHEMA("") "," \
	"\"malicious\":" WATCH_RULE_SCHEMA("") "," \
	"\"broadcast\":" WATCH_RULE_SCHEMA("") "," \
	"\"lock\":" WATCH_RULE_SCHEMA(",\"throttle\"") "}}"

/**
 * An object of kinds, each an object of limit, window_ms, action and release_s; what is left out is
 * as it was. The field is a struct watch_rules.
 */
int read_watch(struct reader *reader, const json_t *value, void *rules);

#endif /* SLUICE_WATCH_KEYS_H */
