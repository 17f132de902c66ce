/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The processor is the judge: it executes each instruction on memory, and insn_execute() must leave
 * the same registers, flags and memory. Operands are random, with the odd ones more often.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cases.h"
#include "decode.h"

#define ROUNDS	   400
#define FLAGS	   0x8d5u	/* overflow, sign, zero, adjust, parity, carry */
#define AF	   0x10u
#define OF	   0x800u
#define MEMORY_REG 7		/* RDI: the operand is at 0x10(%rdi) */

/** Registers that an instruction may use: RAX, RCX, RDX, RBX, RSI, R8 to R11; and the flags. */
struct machine {
	uint64_t reg[16], flags;
};

struct sample {
	const char *what;
	uint8_t code[INSN_BYTES_MAX], nb;
	uint64_t undefined;	/**< flags that the processor leaves as it likes */
};

#define CODE(...) { __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })

static const struct sample samples[] = {
	{ "mov %ecx,m", CODE(0x89, 0x4f, 0x10) },
	{ "mov m,%ecx", CODE(0x8b, 0x4f, 0x10) },
	{ "mov m,%r9d, 32-bit displacement", CODE(0x44, 0x8b, 0x8f, 0x10, 0, 0, 0) },
	{ "mov %r9,m", CODE(0x4c, 0x89, 0x4f, 0x10) },
	{ "mov m,%r9", CODE(0x4c, 0x8b, 0x4f, 0x10) },
	{ "mov %cx,m", CODE(0x66, 0x89, 0x4f, 0x10) },
	{ "mov m,%cx", CODE(0x66, 0x8b, 0x4f, 0x10) },
	{ "mov %ch,m", CODE(0x88, 0x6f, 0x10) },
	{ "mov m,%dh", CODE(0x8a, 0x77, 0x10) },
	{ "mov m,%sil", CODE(0x40, 0x8a, 0x77, 0x10) },
	{ "movb $imm,m", CODE(0xc6, 0x47, 0x10, 0x85) },
	{ "movw $imm,m", CODE(0x66, 0xc7, 0x47, 0x10, 0x34, 0x92) },
	{ "movl $imm,m", CODE(0xc7, 0x47, 0x10, 0x78, 0x56, 0x34, 0x92) },
	{ "movq $imm,m", CODE(0x48, 0xc7, 0x47, 0x10, 0x78, 0x56, 0x34, 0x92) },
	{ "movl $imm,m, SIB", CODE(0xc7, 0x44, 0x27, 0x10, 1, 2, 3, 4) },
	{ "movbe m,%ecx", CODE(0x0f, 0x38, 0xf0, 0x4f, 0x10) },
	{ "movbe %cx,m", CODE(0x66, 0x0f, 0x38, 0xf1, 0x4f, 0x10) },
	{ "movbe %rcx,m", CODE(0x48, 0x0f, 0x38, 0xf1, 0x4f, 0x10) },
	{ "movzbl m,%eax", CODE(0x0f, 0xb6, 0x47, 0x10) },
	{ "movzwl m,%eax", CODE(0x0f, 0xb7, 0x47, 0x10) },
	{ "movsbl m,%eax", CODE(0x0f, 0xbe, 0x47, 0x10) },
	{ "movsbw m,%ax", CODE(0x66, 0x0f, 0xbe, 0x47, 0x10) },
	{ "movswq m,%rax", CODE(0x48, 0x0f, 0xbf, 0x47, 0x10) },
	{ "movslq m,%r10", CODE(0x4c, 0x63, 0x57, 0x10) },
	{ "add %ecx,m", CODE(0x01, 0x4f, 0x10) },
	{ "add m,%ecx", CODE(0x03, 0x4f, 0x10) },
	{ "or %ecx,m", CODE(0x09, 0x4f, 0x10), AF },
	{ "adc m,%rcx", CODE(0x48, 0x13, 0x4f, 0x10) },
	{ "adc %cl,m", CODE(0x10, 0x4f, 0x10) },
	{ "sbb m,%ecx", CODE(0x1b, 0x4f, 0x10) },
	{ "sbb %cx,m", CODE(0x66, 0x19, 0x4f, 0x10) },
	{ "and m,%ecx", CODE(0x23, 0x4f, 0x10), AF },
	{ "sub m,%ecx", CODE(0x2b, 0x4f, 0x10) },
	{ "sub %bh,m", CODE(0x28, 0x7f, 0x10) },
	{ "xor %r8d,m", CODE(0x44, 0x31, 0x47, 0x10), AF },
	{ "cmp %ecx,m", CODE(0x39, 0x4f, 0x10) },
	{ "cmp m,%ecx", CODE(0x3b, 0x4f, 0x10) },
	{ "cmpl $imm8,m", CODE(0x83, 0x7f, 0x10, 0xff) },
	{ "cmpl $imm,m", CODE(0x81, 0x7f, 0x10, 0, 0, 0, 0x80) },
	{ "cmpw $imm,m", CODE(0x66, 0x81, 0x7f, 0x10, 0, 0x80) },
	{ "cmpb $imm,m", CODE(0x80, 0x7f, 0x10, 0x80) },
	{ "andl $imm,m", CODE(0x81, 0x67, 0x10, 0xff, 0, 0, 0xf0), AF },
	{ "orl $imm8,m", CODE(0x83, 0x4f, 0x10, 0x04), AF },
	{ "lock orl $imm8,m", CODE(0xf0, 0x83, 0x4f, 0x10, 0x04), AF },
	{ "subq $imm8,m", CODE(0x48, 0x83, 0x6f, 0x10, 0x01) },
	{ "test %ecx,m", CODE(0x85, 0x4f, 0x10), AF },
	{ "test %cl,m", CODE(0x84, 0x4f, 0x10), AF },
	{ "testl $imm,m", CODE(0xf7, 0x47, 0x10, 0, 0, 0, 0x02), AF },
	{ "testb $imm,m", CODE(0xf6, 0x47, 0x10, 0x80), AF },
	{ "notl m", CODE(0xf7, 0x57, 0x10) },
	{ "negl m", CODE(0xf7, 0x5f, 0x10) },
	{ "incl m", CODE(0xff, 0x47, 0x10) },
	{ "decb m", CODE(0xfe, 0x4f, 0x10) },
	{ "xchg %ecx,m", CODE(0x87, 0x4f, 0x10) },
	{ "lock xadd %ecx,m", CODE(0xf0, 0x0f, 0xc1, 0x4f, 0x10) },
	{ "shll $3,m", CODE(0xc1, 0x67, 0x10, 0x03), AF | OF },
	{ "shrl m", CODE(0xd1, 0x6f, 0x10), AF },
	{ "shll m", CODE(0xd1, 0x67, 0x10), AF },
	{ "sarl $7,m", CODE(0xc1, 0x7f, 0x10, 0x07), AF | OF },
	{ "bt $25,m", CODE(0x0f, 0xba, 0x67, 0x10, 25), FLAGS & ~0x41u },
	{ "bts $31,m", CODE(0x0f, 0xba, 0x6f, 0x10, 31), FLAGS & ~0x41u },
	{ "btr $0,m", CODE(0x0f, 0xba, 0x77, 0x10, 0), FLAGS & ~0x41u },
	{ "btc $9,m", CODE(0x0f, 0xba, 0x7f, 0x10, 9), FLAGS & ~0x41u },
	{ "imul m,%ecx", CODE(0x0f, 0xaf, 0x4f, 0x10), FLAGS & ~(OF | 1u) },
	{ "imul $imm,m,%ecx", CODE(0x69, 0x4f, 0x10, 3, 0, 0, 0x80), FLAGS & ~(OF | 1u) },
	{ "imul $imm8,m,%rcx", CODE(0x48, 0x6b, 0x4f, 0x10, 0xfd), FLAGS & ~(OF | 1u) },
	{ "cmove m,%ecx", CODE(0x0f, 0x44, 0x4f, 0x10) },
	{ "cmovb m,%ecx", CODE(0x0f, 0x42, 0x4f, 0x10) },
	{ "cmovg m,%rcx", CODE(0x48, 0x0f, 0x4f, 0x4f, 0x10) },
	{ "cmovle m,%ecx", CODE(0x0f, 0x4e, 0x4f, 0x10) },
	{ "cmovns m,%cx", CODE(0x66, 0x0f, 0x49, 0x4f, 0x10) },
};

static uint64_t
odd_number(void)
{
	static const uint64_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
					0x80000000, 0xffffffff, INT64_MAX, INT64_MIN, UINT64_MAX };
	uint64_t value = (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ random();

	return random() % 3 == 0 ? odd[random() % CASES(odd)] : value;
}

/** Load the registers, execute "code; ret", store them. */
static void
run_natively(const void *code, struct machine *machine)
{
	__asm__ volatile(
		"pushq %%rbx\n\t pushq %%rbp\n\t pushq %1\n\t pushq %0\n\t"
		"movq %0, %%rbp\n\t"
		"pushq 128(%%rbp)\n\t popfq\n\t"
		"movq 0(%%rbp), %%rax\n\t movq 8(%%rbp), %%rcx\n\t movq 16(%%rbp), %%rdx\n\t"
		"movq 24(%%rbp), %%rbx\n\t movq 48(%%rbp), %%rsi\n\t movq 56(%%rbp), %%rdi\n\t"
		"movq 64(%%rbp), %%r8\n\t movq 72(%%rbp), %%r9\n\t movq 80(%%rbp), %%r10\n\t"
		"call *8(%%rsp)\n\t"
		"movq (%%rsp), %%rbp\n\t"
		"movq %%rax, 0(%%rbp)\n\t movq %%rcx, 8(%%rbp)\n\t movq %%rdx, 16(%%rbp)\n\t"
		"movq %%rbx, 24(%%rbp)\n\t movq %%rsi, 48(%%rbp)\n\t movq %%rdi, 56(%%rbp)\n\t"
		"movq %%r8, 64(%%rbp)\n\t movq %%r9, 72(%%rbp)\n\t movq %%r10, 80(%%rbp)\n\t"
		"pushfq\n\t popq 128(%%rbp)\n\t"
		"popq %%rax\n\t popq %%rax\n\t popq %%rbp\n\t popq %%rbx\n\t"
		:
		: "r"(machine), "r"(code)
		: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
}

static uint64_t
plain_load(void *ctx, uintptr_t address, unsigned int bytes)
{
	uint64_t value = 0;

	(void)ctx;
	memcpy(&value, (void *)address, bytes);
	return value;
}

static void
plain_store(void *ctx, uintptr_t address, unsigned int bytes, uint64_t value)
{
	(void)ctx;
	memcpy((void *)address, &value, bytes);
}

static const uint8_t greg_of[16] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static unsigned int
run_emulated(const struct sample *sample, struct machine *machine)
{
	const struct insn_memory memory = { .load = plain_load, .store = plain_store };
	mcontext_t context = { 0 };
	struct insn insn;

	if (!insn_decode(sample->code, &insn)) {
		print_error("# %s: unknown\n", sample->what);
		return 1;
	}
	for (unsigned int i = 0; i < 16; i++)
		context.gregs[greg_of[i]] = machine->reg[i];
	context.gregs[REG_EFL] = machine->flags;
	insn_execute(&insn, machine->reg[MEMORY_REG] + 0x10, &memory, &context);
	for (unsigned int i = 0; i < 16; i++)
		machine->reg[i] = context.gregs[greg_of[i]];
	machine->flags = context.gregs[REG_EFL];
	return differs(sample->what, sample->nb, context.gregs[REG_RIP]);
}

static unsigned int
compare(const struct sample *sample, void *code)
{
	uint64_t native_memory[4], memory[4];
	struct machine native, emulated;
	unsigned int wrong;

	for (unsigned int i = 0; i < 16; i++)
		native.reg[i] = odd_number();
	native.flags = 0x202 | (odd_number() & FLAGS);
	for (unsigned int i = 0; i < 4; i++)
		native_memory[i] = memory[i] = odd_number();
	emulated = native;
	native.reg[MEMORY_REG] = (uintptr_t)native_memory;
	emulated.reg[MEMORY_REG] = (uintptr_t)memory;
	run_natively(code, &native);
	wrong = run_emulated(sample, &emulated);
	native.reg[MEMORY_REG] = emulated.reg[MEMORY_REG] = 0;
	for (unsigned int i = 0; i < 11; i++)
		if (i != 4 && i != 5)
			wrong += differs(sample->what, native.reg[i], emulated.reg[i]);
	for (unsigned int i = 0; i < 4; i++)
		wrong += differs(sample->what, native_memory[i], memory[i]);
	return wrong + differs(sample->what, native.flags & FLAGS & ~sample->undefined,
			       emulated.flags & FLAGS & ~sample->undefined);
}

static void
instructions_do_what_the_processor_does(void **state)
{
	uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int wrong = 0;

	(void)state;
	assert_true(code != MAP_FAILED);
	for (size_t i = 0; i < CASES(samples); i++) {
		memcpy(code, samples[i].code, samples[i].nb);
		code[samples[i].nb] = 0xc3;
		for (unsigned int round = 0; round < ROUNDS; round++)
			wrong += compare(&samples[i], code);
	}
	munmap(code, 4096);
	assert_int_equal(wrong, 0);
}

static void
addresses_are_as_long_as_they_are(void **state)
{
	static const struct sample forms[] = {
		{ "(%rax)", CODE(0x8b, 0x08) },
		{ "8(%rbp)", CODE(0x8b, 0x4d, 0x08) },
		{ "relative to rip", CODE(0x8b, 0x0d, 1, 2, 3, 4) },
		{ "(%rsp)", CODE(0x8b, 0x0c, 0x24) },
		{ "8(%rsp)", CODE(0x8b, 0x4c, 0x24, 0x08) },
		{ "(%rax,%rcx,4)", CODE(0x8b, 0x0c, 0x88) },
		{ "0x1000(,%rcx,4)", CODE(0x8b, 0x0c, 0x8d, 0, 0x10, 0, 0) },
		{ "0x1000(%r13,%r9,4)", CODE(0x43, 0x8b, 0x8c, 0x8d, 0, 0x10, 0, 0) },
		{ "rip and immediate", CODE(0xc7, 0x05, 1, 2, 3, 4, 5, 6, 7, 8) },
		{ "andn m,%edx,%ecx", CODE(0xc4, 0xe2, 0x68, 0xf2, 0x48, 0x10) },
	};
	unsigned int wrong = 0;

	(void)state;
	for (size_t i = 0; i < CASES(forms); i++) {
		struct insn insn = { .length = 0 };

		assert_true(insn_decode(forms[i].code, &insn));
		wrong += differs(forms[i].what, forms[i].nb, insn.length);
	}
	assert_int_equal(wrong, 0);
}

static void
what_is_not_known_is_refused(void **state)
{
	static const struct sample unknown[] = {
		{ "mov %eax,%ecx: no memory", CODE(0x89, 0xc1) },
		{ "movups m,%xmm0", CODE(0x0f, 0x10, 0x07) },
		{ "movd m,%xmm0", CODE(0x66, 0x0f, 0x6e, 0x07) },
		{ "rep movsb", CODE(0xf3, 0xa4) },
		{ "popcnt m,%eax", CODE(0xf3, 0x0f, 0xb8, 0x07) },
		{ "call *m", CODE(0xff, 0x17) },
		{ "push m", CODE(0xff, 0x37) },
		{ "mul m", CODE(0xf7, 0x27) },
		{ "vmovd m,%xmm0", CODE(0xc5, 0xf9, 0x6e, 0x07) },
	};
	struct insn insn;

	(void)state;
	for (size_t i = 0; i < CASES(unknown); i++)
		if (insn_decode(unknown[i].code, &insn))
			fail_msg("%s is taken for something", unknown[i].what);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(instructions_do_what_the_processor_does),
		cmocka_unit_test(addresses_are_as_long_as_they_are),
		cmocka_unit_test(what_is_not_known_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
