"""What OpenUSD and Omniverse's asset validator make of the stages that we export: no error from either.

    usd_export.py FILE...
"""

import logging
import sys

from pxr import Usd, UsdGeom, UsdValidation

logging.disable(logging.INFO)  # the validator tells of its plug-ins
import omni.asset_validator as asset_validator  # noqa: E402


def openusd_errors(stage):
    """Sentences of all of OpenUSD's own validators that call what they found an error."""
    registry = UsdValidation.ValidationRegistry()
    context = UsdValidation.ValidationContext(registry.GetOrLoadAllValidators())
    errors = context.Validate(stage)
    return [
        f"{e.GetName()}: {e.GetMessage()}"
        for e in errors
        if e.GetType() == UsdValidation.ValidationErrorType.Error
    ]


def omniverse_errors(path):
    results = asset_validator.ValidationEngine().validate(path)
    severity = asset_validator.IssueSeverity
    return [str(issue.message) for issue in results.issues() if issue.severity in (severity.ERROR, severity.FAILURE)]


def check(path):
    stage = Usd.Stage.Open(path)
    assert stage, f"{path}: OpenUSD does not open it"
    assert stage.GetDefaultPrim(), f"{path}: has no default prim"
    assert UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z, f"{path}: z is not up"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1, f"{path}: is not in metres"
    meshes = sum(prim.IsA(UsdGeom.Mesh) for prim in Usd.PrimRange(stage.GetPseudoRoot(), Usd.TraverseInstanceProxies()))
    assert meshes, f"{path}: has no mesh"
    errors = openusd_errors(stage) + omniverse_errors(path)
    for error in errors:
        print(f"{path}: {error}")
    print(f"{path}: {meshes} meshes, {len(errors)} errors")
    return not errors


def main():
    sys.exit(0 if all([check(path) for path in sys.argv[1:]]) else 1)


if __name__ == "__main__":
    main()
