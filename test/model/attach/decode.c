/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "decode.h"

#define REX_W 0x08
#define REX_R 0x04

enum imm_kind { IMM_NONE, IMM_8, IMM_Z, IMM_1, IMM_CL };

/** An opcode; /r is the register, /n the digit of a group. */
struct form {
	uint8_t op;
	bool byte;		/**< operand is 8 bits wide, else by prefix */
	bool to_reg;
	bool has_reg;
	uint8_t imm;
	uint8_t mem_bytes;	/**< of movzx and movsx: not as wide as the register */
};

#define M_R(name, is_byte) { .op = name, .byte = is_byte, .has_reg = true }
#define R_M(name, is_byte) { .op = name, .byte = is_byte, .has_reg = true, .to_reg = true }
#define M_I(name, is_byte, kind) { .op = name, .byte = is_byte, .imm = kind }
#define EXTEND(name, bytes) \
	{ .op = name, .has_reg = true, .to_reg = true, .mem_bytes = bytes }

struct keyed_form {
	uint8_t opcode;
	struct form form;
};

static const struct keyed_form one_byte[] = {
	{ 0x63, EXTEND(INSN_MOVSX, 4) },
	{ 0x69, { .op = INSN_IMUL, .has_reg = true, .to_reg = true, .imm = IMM_Z } },
	{ 0x6b, { .op = INSN_IMUL, .has_reg = true, .to_reg = true, .imm = IMM_8 } },
	{ 0x84, M_R(INSN_TEST, true) },
	{ 0x85, M_R(INSN_TEST, false) },
	{ 0x86, M_R(INSN_XCHG, true) },
	{ 0x87, M_R(INSN_XCHG, false) },
	{ 0x88, M_R(INSN_MOV, true) },
	{ 0x89, M_R(INSN_MOV, false) },
	{ 0x8a, R_M(INSN_MOV, true) },
	{ 0x8b, R_M(INSN_MOV, false) },
};

static const struct keyed_form two_byte[] = {
	{ 0xa3, M_R(INSN_BT, false) },
	{ 0xab, M_R(INSN_BTS, false) },
	{ 0xaf, R_M(INSN_IMUL, false) },
	{ 0xb3, M_R(INSN_BTR, false) },
	{ 0xb6, EXTEND(INSN_MOVZX, 1) },
	{ 0xb7, EXTEND(INSN_MOVZX, 2) },
	{ 0xbb, M_R(INSN_BTC, false) },
	{ 0xbe, EXTEND(INSN_MOVSX, 1) },
	{ 0xbf, EXTEND(INSN_MOVSX, 2) },
	{ 0xc0, M_R(INSN_XADD, true) },
	{ 0xc1, M_R(INSN_XADD, false) },
};

/** Opcodes whose middle bits of ModRM say what they do. */
struct group {
	bool second_map;
	uint8_t opcode;
	struct form digit[8];
};

#define NONE { .op = INSN_UNKNOWN }
#define SHIFTS(is_byte, kind) { NONE, NONE, NONE, NONE, M_I(INSN_SHL, is_byte, kind), \
	M_I(INSN_SHR, is_byte, kind), M_I(INSN_SHL, is_byte, kind), M_I(INSN_SAR, is_byte, kind) }
#define ARITHMETIC(is_byte, kind) { \
	M_I(INSN_ADD, is_byte, kind), M_I(INSN_OR, is_byte, kind), M_I(INSN_ADC, is_byte, kind), \
	M_I(INSN_SBB, is_byte, kind), M_I(INSN_AND, is_byte, kind), M_I(INSN_SUB, is_byte, kind), \
	M_I(INSN_XOR, is_byte, kind), M_I(INSN_CMP, is_byte, kind) }

static const struct group groups[] = {
	{ false, 0x80, ARITHMETIC(true, IMM_8) },
	{ false, 0x81, ARITHMETIC(false, IMM_Z) },
	{ false, 0x83, ARITHMETIC(false, IMM_8) },
	{ false, 0xc0, SHIFTS(true, IMM_8) },
	{ false, 0xc1, SHIFTS(false, IMM_8) },
	{ false, 0xd0, SHIFTS(true, IMM_1) },
	{ false, 0xd1, SHIFTS(false, IMM_1) },
	{ false, 0xd2, SHIFTS(true, IMM_CL) },
	{ false, 0xd3, SHIFTS(false, IMM_CL) },
	{ false, 0xc6, { M_I(INSN_MOV, true, IMM_8), NONE, NONE, NONE, NONE, NONE, NONE, NONE } },
	{ false, 0xc7, { M_I(INSN_MOV, false, IMM_Z), NONE, NONE, NONE, NONE, NONE, NONE, NONE } },
	{ false, 0xf6, { M_I(INSN_TEST, true, IMM_8), M_I(INSN_TEST, true, IMM_8),
			 M_I(INSN_NOT, true, IMM_NONE), M_I(INSN_NEG, true, IMM_NONE),
			 NONE, NONE, NONE, NONE } },
	{ false, 0xf7, { M_I(INSN_TEST, false, IMM_Z), M_I(INSN_TEST, false, IMM_Z),
			 M_I(INSN_NOT, false, IMM_NONE), M_I(INSN_NEG, false, IMM_NONE),
			 NONE, NONE, NONE, NONE } },
	{ false, 0xfe, { M_I(INSN_INC, true, IMM_NONE), M_I(INSN_DEC, true, IMM_NONE),
			 NONE, NONE, NONE, NONE, NONE, NONE } },
	{ false, 0xff, { M_I(INSN_INC, false, IMM_NONE), M_I(INSN_DEC, false, IMM_NONE),
			 NONE, NONE, NONE, NONE, NONE, NONE } },
	{ true, 0xba, { NONE, NONE, NONE, NONE, M_I(INSN_BT, false, IMM_8),
			M_I(INSN_BTS, false, IMM_8), M_I(INSN_BTR, false, IMM_8),
			M_I(INSN_BTC, false, IMM_8) } },
};

struct prefixes {
	bool operand_16, repeat;
	uint8_t rex;
};

static struct form
keyed(const struct keyed_form *table, size_t nb, uint8_t opcode)
{
	for (size_t i = 0; i < nb; i++)
		if (table[i].opcode == opcode)
			return table[i].form;
	return (struct form)NONE;
}

static struct form
form_of(bool second_map, uint8_t opcode, const uint8_t *modrm)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (groups[i].second_map == second_map && groups[i].opcode == opcode)
			return groups[i].digit[*modrm >> 3 & 7];
	if (second_map && (opcode & 0xf0) == 0x40)
		return (struct form)R_M(INSN_CMOV, false);
	if (second_map)
		return keyed(two_byte, sizeof(two_byte) / sizeof(two_byte[0]), opcode);
	/* The eight operations of arithmetic: memory first or register first, bytes or more. */
	if (opcode < 0x40 && (opcode & 7) < 4)
		return (struct form){ .op = opcode >> 3, .byte = !(opcode & 1), .has_reg = true,
				      .to_reg = opcode & 2 };
	return keyed(one_byte, sizeof(one_byte) / sizeof(one_byte[0]), opcode);
}

static struct form
third_map(uint8_t opcode)
{
	if (opcode == 0xf0)
		return (struct form)R_M(INSN_MOVBE, false);
	if (opcode == 0xf1)
		return (struct form)M_R(INSN_MOVBE, false);
	return (struct form)NONE;
}

/** @return bytes of ModRM, SIB and displacement; 0: the operand is a register */
static unsigned int
address_bytes(const uint8_t *modrm)
{
	unsigned int mod = *modrm >> 6, rm = *modrm & 7, nb = 1;

	if (mod == 3)
		return 0;
	if (rm == 4) {
		nb++;
		if (mod == 0 && (modrm[1] & 7) == 5)
			return nb + 4;
	} else if (mod == 0 && rm == 5) {
		return nb + 4;	/* relative to RIP */
	}
	return nb + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

static int64_t
signed_bytes(const uint8_t *from, unsigned int bytes)
{
	int8_t i8;
	int16_t i16;
	int32_t i32;

	switch (bytes) {
	case 1:
		memcpy(&i8, from, sizeof(i8));
		return i8;
	case 2:
		memcpy(&i16, from, sizeof(i16));
		return i16;
	default:
		memcpy(&i32, from, sizeof(i32));
		return i32;
	}
}

/** @return its bytes */
static unsigned int
take_immediate(const uint8_t *from, enum imm_kind kind, struct insn *insn)
{
	unsigned int bytes;

	switch (kind) {
	case IMM_8:
		bytes = 1;
		break;
	case IMM_Z:
		bytes = insn->mem_bytes == 2 ? 2 : 4;
		break;
	case IMM_1:
		insn->other = OTHER_IMM;
		insn->imm = 1;
		return 0;
	case IMM_CL:
		insn->other = OTHER_CL;
		return 0;
	default:
		return 0;
	}
	insn->other = OTHER_IMM;
	insn->imm = signed_bytes(from, bytes);
	return bytes;
}

static void
take_register(uint8_t modrm, uint8_t rex, struct insn *insn)
{
	insn->reg = (modrm >> 3 & 7) | (rex & REX_R ? 8 : 0);
	/* Without REX, numbers 4 to 7 of byte registers are the second bytes of 0 to 3. */
	insn->high_byte = insn->reg_bytes == 1 && rex == 0 && insn->reg >= 4;
	if (insn->high_byte)
		insn->reg -= 4;
}

static const uint8_t *
take_prefixes(const uint8_t *at, struct prefixes *prefixes)
{
	const uint8_t *last = at + INSN_BYTES_MAX - 4;

	for (; at < last; at++) {
		if (*at == 0x66)
			prefixes->operand_16 = true;
		else if (*at == 0xf2 || *at == 0xf3)
			prefixes->repeat = true;
		else if (*at != 0xf0 && *at != 0x2e && *at != 0x3e && *at != 0x26 &&
			 *at != 0x36 && *at != 0x64 && *at != 0x65 && *at != 0x67)
			break;
	}
	if ((*at & 0xf0) == 0x40)
		prefixes->rex = *at++;
	return at;
}

/** VEX.0F38.F2: dst = ~reg2 & memory; the one of its kind that a register is masked with. */
static bool
decode_andn(const uint8_t *code, struct insn *insn)
{
	unsigned int bytes;

	if (code[0] != 0xc4 || (code[1] & 0x1f) != 2 || (code[2] & 7) != 0 || code[3] != 0xf2)
		return false;
	bytes = address_bytes(&code[4]);
	if (bytes == 0)
		return false;
	*insn = (struct insn){
		.op = INSN_ANDN,
		.other = OTHER_REG,
		.to_reg = true,
		.mem_bytes = code[2] & 0x80 ? 8 : 4,
		.reg_bytes = code[2] & 0x80 ? 8 : 4,
		.reg = (code[4] >> 3 & 7) | (code[1] & 0x80 ? 0 : 8),
		.reg2 = ~code[2] >> 3 & 15,
		.length = 4 + bytes,
	};
	return true;
}

bool
insn_decode(const uint8_t *code, struct insn *insn)
{
	struct prefixes prefixes = { .rex = 0 };
	const uint8_t *at = take_prefixes(code, &prefixes);
	unsigned int width, bytes;
	bool second_map = false;
	struct form form;
	uint8_t opcode = *at++;

	if (opcode == 0xc4)
		return decode_andn(code, insn);
	if (opcode == 0x0f) {
		second_map = true;
		opcode = *at++;
	}
	if (second_map && opcode == 0x38)
		form = third_map(*at++);
	else
		form = form_of(second_map, opcode, at);
	/* After F2 or F3 these opcodes are others: string moves, counts of zeros, hints. */
	if (form.op == INSN_UNKNOWN || (prefixes.repeat && second_map))
		return false;
	bytes = address_bytes(at);
	if (bytes == 0)
		return false;
	width = form.byte ? 1 : prefixes.rex & REX_W ? 8 : prefixes.operand_16 ? 2 : 4;
	*insn = (struct insn){
		.op = form.op,
		.other = form.has_reg ? OTHER_REG : OTHER_NONE,
		.to_reg = form.to_reg,
		.mem_bytes = form.mem_bytes != 0 ? form.mem_bytes : width,
		.reg_bytes = width,
		.condition = opcode & 15,
	};
	if (form.has_reg)
		take_register(*at, prefixes.rex, insn);
	at += bytes;
	at += take_immediate(at, form.imm, insn);
	insn->length = at - code;
	return true;
}
