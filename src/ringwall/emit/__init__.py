"""Emitters print the resource tree for a deployment tool. They decide nothing.

CloudFormation is printed as plain mappings in its own shape, straight from the tree, and checked in
the tests by cfn-lint against AWS's published schemas. What else there is, tried on a template of
124 resources:

* troposphere gives a Python class to every resource type. It imports in a tenth of a second and
  notices a wrong type or an unknown property when the object is made. But cfn-lint notices those
  too, and dangling references, overlapping subnets and bad values besides; the tree is already
  typed, and a second set of classes would serve CloudFormation only, while Terraform must be
  printed from the same tree.
* The CDK installs 463 MB and needs Node beside Python, takes seconds to synthesise, and chooses
  logical ids that nobody can predict. Ours are read by people and by the proofs.

The tree holds references as values (``Ref``, ``Attr`` ...), not as CloudFormation spells them; the
emitter does the spelling. There are no text templates: a printer cannot produce unbalanced output.
"""
