/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The tables that read a configuration, told as a JSON Schema. */

#include "schema.h"

#define DRAFT "http://json-schema.org/draft-07/schema#"

static json_t *object_schema(const struct key *keys, const char *rules);

static json_t *
key_schema(const struct key *key)
{
	if (key->items != NULL)
		return json_pack("{s:s, s:o}", "type", "array", "items",
				 object_schema(key->items, key->rules));
	return json_loads(key->schema, 0, NULL);
}

static void
add_set(json_t *properties, const struct key_set *set)
{
	for (size_t i = 0; set->name(i) != NULL; i++)
		(void)json_object_set_new(properties, set->name(i), set->schema(i));
}

/* No deeper than the tables name each other: three levels. */
static json_t *
object_schema(const struct key *keys, const char *rules)
{
	json_t *properties = json_object(), *required = json_array(), *schema;

	for (; keys->name != NULL || keys->set != NULL; keys++) {
		if (keys->set != NULL) {
			add_set(properties, keys->set);
			continue;
		}
		(void)json_object_set_new(properties, keys->name, key_schema(keys));
		if (keys->required)
			(void)json_array_append_new(required, json_string(keys->name));
	}
	schema = json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0,
			   "properties", properties, "required", required);
	if (rules != NULL)
		(void)json_object_set_new(schema, "allOf", json_loads(rules, 0, NULL));
	return schema;
}

json_t *
config_schema(void)
{
	json_t *schema = object_schema(schema_keys(), NULL);
	json_t *ports = json_object_get(json_object_get(schema, "properties"), "ports");

	(void)json_object_set_new(ports, "minItems", json_integer(1));
	(void)json_object_set_new(ports, "maxItems", json_integer(CONFIG_PORTS_MAX));
	(void)json_object_set_new(schema, "$schema", json_string(DRAFT));
	(void)json_object_set_new(schema, "title", json_string("The configuration of sluiced"));
	return schema;
}
