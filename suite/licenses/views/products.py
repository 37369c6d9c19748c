"""The products, for front ends."""

import dataclasses
from typing import Any

from flask.views import MethodView

from suite.kernel.access import public
from suite.kernel.api import Blueprint
from suite.licenses.products import Catalogue, Policy, catalogue
from suite.licenses.schemas import own as s

blp = Blueprint(
    "products",
    __name__,
    url_prefix="/api/v1/products",
    description="The products licences are for, and the policies they are sold under.",
)


@blp.route("")
class Products(MethodView):
    @public
    @blp.response(200, s.ProductsOut)
    @blp.called("listProducts")
    def get(self) -> dict[str, Any]:
        """List the products"""
        known = catalogue()
        return {"products": [_product(known, key) for key in known.products]}


def _product(known: Catalogue, key: str) -> dict[str, Any]:
    product = known.products[key]
    return dataclasses.asdict(product) | {"policies": [_policy(known.policies[policy]) for policy in product.policies]}


def _policy(policy: Policy) -> dict[str, Any]:
    said = {name: getattr(policy, name) for name in ("key", "says", "starts", "seats", "trial")}
    periods = {name: getattr(policy, name) for name in ("lasts", "grace", "offline")}
    return said | {name: period.iso() if period is not None else None for name, period in periods.items()}
