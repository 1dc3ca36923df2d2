// Keywords that look at one value and know.
#include <algorithm>

#include "contract/schema/compiler.h"

namespace writ::contract {

std::uint32_t to_size(const Value& value) {
  const double size = value.as_number();
  return size >= static_cast<double>(kNone - 1) ? kNone - 1 : static_cast<std::uint32_t>(size);
}

Number to_number(const Value& value) {
  return value.is_integer() ? Number::of(value.as_integer()) : Number::of(value.as_number());
}

namespace {

struct SizeRow {
  Keyword keyword;
  std::string_view name;
  Section section;
  Op op;
};

constexpr SizeRow kSizes[] = {
    {Keyword::min_length, "minLength", Section::string, Op::min_length},
    {Keyword::max_length, "maxLength", Section::string, Op::max_length},
    {Keyword::min_items, "minItems", Section::array, Op::min_items},
    {Keyword::max_items, "maxItems", Section::array, Op::max_items},
    {Keyword::min_properties, "minProperties", Section::object, Op::min_properties},
    {Keyword::max_properties, "maxProperties", Section::object, Op::max_properties},
};

constexpr SizeRow kBounds[] = {
    {Keyword::minimum, "minimum", Section::number, Op::minimum},
    {Keyword::maximum, "maximum", Section::number, Op::maximum},
    {Keyword::exclusive_minimum, "exclusiveMinimum", Section::number, Op::exclusive_minimum},
    {Keyword::exclusive_maximum, "exclusiveMaximum", Section::number, Op::exclusive_maximum},
};

void compile_sizes_and_bounds(Compiler& compiler, Draftsheet& sheet) {
  for (const SizeRow& row : kSizes) {
    if (const Value* size = sheet.get(row.keyword)) {
      sheet.emit(row.section, row.op, to_size(*size), compiler.location(sheet, row.name));
    }
  }
  auto& numbers = compiler.program().numbers;
  for (const SizeRow& row : kBounds) {
    if (const Value* bound = sheet.get(row.keyword)) {
      sheet.emit(row.section, row.op, static_cast<std::uint32_t>(numbers.size()),
                 compiler.location(sheet, row.name));
      numbers.push_back(to_number(*bound));
    }
  }
}

void compile_constants(Compiler& compiler, Draftsheet& sheet) {
  Program& program = compiler.program();
  if (const Value* value = sheet.get(Keyword::constant)) {
    sheet.emit(Section::any, Op::constant, static_cast<std::uint32_t>(program.values.size()),
               compiler.location(sheet, "const"));
    program.values.push_back(*value);
  }
  if (const Value* values = sheet.get(Keyword::enumeration)) {
    Enumeration row;
    row.values = values->as_array();
    std::vector<std::string> strings;
    for (const Value& value : row.values) {
      if (!value.is_string()) {
        row.only_strings = false;
      } else if (std::find(strings.begin(), strings.end(), value.as_string()) == strings.end()) {
        strings.push_back(value.as_string());
      }
    }
    row.strings = KeyTable(std::move(strings));
    sheet.emit(Section::any, Op::enumeration, static_cast<std::uint32_t>(program.enums.size()),
               compiler.location(sheet, "enum"));
    program.enums.push_back(std::move(row));
  }
}

void compile_format(Compiler& compiler, Draftsheet& sheet) {
  const Value* format = sheet.get(Keyword::format);
  const bool asserts = compiler.options().format == Format::assertion ||
                       (sheet.dialect.vocabularies & kFormatAssertion) != 0;
  if (format == nullptr || !asserts) return;
  const FormatCheck* check = find_format(format->as_string());
  if (check == nullptr) return;
  auto& formats = compiler.program().formats;
  sheet.emit(Section::string, Op::format, static_cast<std::uint32_t>(formats.size()),
             compiler.location(sheet, "format"));
  formats.push_back(*check);
}

}  // namespace

void compile_assertions(Compiler& compiler, Draftsheet& sheet) {
  compile_constants(compiler, sheet);
  compile_sizes_and_bounds(compiler, sheet);
  if (const Value* divisor = sheet.get(Keyword::multiple_of)) {
    auto& divisors = compiler.program().divisors;
    sheet.emit(Section::number, Op::multiple_of, static_cast<std::uint32_t>(divisors.size()),
               compiler.location(sheet, "multipleOf"));
    const Number number = to_number(*divisor);
    divisors.push_back({to_decimal(number), number.is_integer ? number.integer : 0, number});
  }
  if (const Value* source = sheet.get(Keyword::pattern)) {
    sheet.emit(Section::string, Op::pattern, compiler.pattern(*source, source->as_string()),
               compiler.location(sheet, "pattern"));
  }
  compile_format(compiler, sheet);
  const Value* unique = sheet.get(Keyword::unique_items);
  if (unique != nullptr && unique->as_bool()) {
    sheet.emit(Section::array, Op::unique_items, 0, compiler.location(sheet, "uniqueItems"));
  }
}

}  // namespace writ::contract
