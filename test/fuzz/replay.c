/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Stands in for libFuzzer: runs every file of the folders named once, a TAP line for each. */

#include <dirent.h>
#include <string.h>

#include "input.h"

#define INPUT_BYTES_MAX (1 << 20)
#define PATH_BYTES	4096

__attribute__((weak)) int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static int
is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Of exactly the file's size, so that a sanitizer sees each byte read beyond it. */
static bool
run_file(const char *path)
{
	static uint8_t buffer[INPUT_BYTES_MAX];
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	size_t bytes;

	if (file == NULL)
		return false;
	bytes = fread(buffer, 1, sizeof(buffer), file);
	fclose(file);
	data = malloc(bytes);
	if (bytes > 0)
		memcpy(data, buffer, bytes);
	(void)LLVMFuzzerTestOneInput(data, bytes);
	free(data);
	return true;
}

static unsigned int
run_folder(const char *folder, unsigned int number)
{
	struct dirent **entries;
	int nb = scandir(folder, &entries, is_input, alphasort);
	char path[PATH_BYTES];

	for (int i = 0; i < nb; i++) {
		/* Before the run: it does not return from one that shows a defect. */
		printf("# %s\n", entries[i]->d_name);
		fflush(stdout);
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		printf("%sok %u - %s\n", run_file(path) ? "" : "not ", ++number,
		       entries[i]->d_name);
		free(entries[i]);
	}
	if (nb >= 0)
		free(entries);
	return number;
}

int
main(int argc, char **argv)
{
	unsigned int number = 0;

	(void)LLVMFuzzerInitialize(&argc, &argv);
	(void)LLVMFuzzerTestOneInput(NULL, 0);
	printf("ok %u - nothing at all\n", ++number);
	for (int i = 1; i < argc; i++)
		number = run_folder(argv[i], number);
	printf("1..%u\n", number);
	return number > 1 ? 0 : 1;
}
