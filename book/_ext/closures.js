// What stands in MuJoCo's module for Emscripten's functions made of text, which the page's policy does not run.
// instead of new Function(...args, invokerFnBody)(...closureArgs)
function (...given) {
  checkArgCount(given.length, minArgs, expectedArgCount, humanName, throwBindingError);
  const destructors = needsDestructorStack ? [] : null, first = isClassMethodFunc ? 1 : 2;
  const wired = [...(isClassMethodFunc ? [this] : []), ...given.slice(0, expectedArgCount)];
  while (wired.length < argCount - first) wired.push(undefined); // those that may be left out
  for (let i = 0; i < wired.length; i++) wired[i] = argTypes[first + i].toWireType(destructors, wired[i]);
  const value = cppInvokerFunc(cppTargetFunc, ...wired);
  if (needsDestructorStack) runDestructors(destructors);
  else wired.forEach((x, i) => argTypes[first + i].destructorFunction?.(x));
  if (returns) return argTypes[0].fromWireType(value);
}
// instead of new Function(...params, functionBody)(...args)
function (obj, func, destructorsRef, packed) {
  let at = packed;
  const given = types.map((type) => {
    const value = type.readValueFromPointer(at);
    at += type.argPackAdvance;
    return value;
  });
  if (kind === 0) given.unshift(obj);
  const value = kind === 1 ? new func(...given) : func.call(...given);
  if (!retType.isVoid) return emval_returnValue(retType, destructorsRef, value);
}
